{
  inputs.local.url = "flake:local";

  outputs = { self, local }: {
    packages.x86_64-linux.default = local.lib.run "flaky-1.0" { } ''
      mkdir -p $out/bin
      printf '#!${local.packages.x86_64-linux.busybox}/bin/sh\necho "flaky $1"\n' >$out/bin/flaky
      chmod +x $out/bin/flaky
    '';
  };
}
