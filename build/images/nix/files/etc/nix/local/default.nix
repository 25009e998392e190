# Derivations of nothing but the static busybox in ./static, where the image's "script" puts it.
{ system ? "x86_64-linux" }:
let
  # The one name and hash, whether this folder is read from /etc or from the store as a flake.
  static = "${builtins.path { path = ./static; name = "busybox-static"; }}/busybox";

  # A derivation made by a script for busybox's shell, with all its programs: run "name" { } "script"
  run = name: attributes: script: derivation ({
    inherit name system;
    builder = static;
    args = [ "sh" "-euc" "PATH=${packages.busybox}/bin\n${script}" ];
  } // attributes);

  packages = rec {
    busybox = derivation {
      inherit system;
      name = "busybox";
      builder = static;
      args = [ "sh" "-euc" ''
        ${static} mkdir -p $out/bin
        ${static} cp ${static} $out/bin/busybox
        for program in $(${static} --list); do
          [ $program = busybox ] || ${static} ln -s busybox $out/bin/$program
        done
      '' ];
    };

    # What the profile "system" points to.
    system-profile = run "system-profile" { } ''
      mkdir -p $out
      ln -s ${busybox} $out/sw
      ln -s ${./.} $out/local
      echo x86_64-linux >$out/system
    '';
  };
in { inherit packages run; }
