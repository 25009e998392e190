# A derivation of a person: a program that says hello, built where nothing of the Debian can be seen.
with import <local> { };
run "hello-1.0" { } ''
  for outside in /etc/debian_version /usr/bin/nix /root /run/ukiblk; do
    [ ! -e $outside ]
  done
  mkdir -p $out/bin
  printf '#!${packages.busybox}/bin/sh\necho "hello from $0"\n' >$out/bin/hello
  chmod +x $out/bin/hello
''
