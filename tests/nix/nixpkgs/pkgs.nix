{ lib, system }:
let
  # Runs in the Debian around it: the test has no sandbox.
  build = name: attributes: script: derivation ({
    inherit name system script;
    builder = "/bin/bash";
    args = [ "-euc" ''
      export PATH=/usr/sbin:/usr/bin
      for input in ''${nativeBuildInputs-}; do PATH=$input/bin:$PATH; done
      eval "$script"
    '' ];
  } // attributes);

  debian = name: script: build name { } "mkdir -p $out; cd $out; ${script}";
  callPackageWith = scope: path: arguments:
    let function = import path;
    in function (builtins.intersectAttrs (builtins.functionArgs function) scope // arguments);
  pkgs = {
    inherit lib;
    callPackage = callPackageWith pkgs;

    runCommand = name: attributes: script:
      build name (removeAttrs attributes [ "passthru" ]) script // attributes.passthru or { };

    stdenv.mkDerivation = { pname, version, ... }@attributes: build "${pname}-${version}" attributes ''
      cp -r $src source
      chmod -R u+w source
      cd source
      make $makeFlags ''${buildFlags-}
      make $makeFlags ''${installTargets-install}
    '';

    closureInfo = { rootPaths }: build "closure-info" { inherit rootPaths; } ''
      mkdir $out
      nix-store --query --requisites $rootPaths >$out/store-paths
      nix-store --dump-db $(cat $out/store-paths) >$out/registration
    '';

    systemd = debian "systemd" "mkdir -p lib/systemd; ln -s /usr/lib/systemd/boot lib/systemd/boot";
    systemdUkify = debian "systemd-ukify" "mkdir -p lib/systemd; ln -s /usr/bin/ukify lib/systemd/ukify";
    lvm2 = debian "lvm2" "mkdir -p lib/udev/rules.d; touch lib/udev/rules.d/{10-dm,13-dm-disk,69-dm-lvm,95-dm-notify}.rules";

    linuxPackages = rec {
      kernel = debian "linux" ''
        cp /boot/vmlinuz-* bzImage
        cp /boot/config-* config
      '' // rec {
        # The test writes that file: looking into /usr would not be pure.
        modDirVersion = builtins.head (builtins.match "([^\n]*)\n" (builtins.readFile ./release));
        version = modDirVersion;
        configfile = "${kernel}/config";
        dev = debian "linux-dev" ''
          mkdir -p lib/modules/${modDirVersion}
          ln -s /usr/lib/modules/${modDirVersion}/build lib/modules/${modDirVersion}/build
        '';
        moduleBuildDependencies = [ ];
      };
      kernelModuleMakeFlags = [ ];
      callPackage = callPackageWith (pkgs // { inherit kernel kernelModuleMakeFlags; });
    };
  }
  # In the Debian's own PATH.
  // builtins.listToAttrs (map (name: { inherit name; value = debian name ":"; }) [
    "cryptsetup" "dosfstools" "erofs-utils" "gnutar" "gptfdisk" "htop" "json_c" "lowdown" "nix" "openssl"
    "parted" "pkg-config" "rsync" "sbsigntool" "sqlite" "util-linux"
  ]);
in pkgs
