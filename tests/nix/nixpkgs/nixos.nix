# No options, no priorities: each module's definitions joined, and of them what an image is made of.
{ lib, pkgs, modules }:
let
  evaluate = module:
    let value = if builtins.isFunction module || builtins.isAttrs module then module else import module;
    in if builtins.isFunction value then value { inherit config lib pkgs; } else value;
  config = builtins.foldl' lib.merge base (map evaluate modules);

  write = name: text: pkgs.runCommand name { inherit text; } ''printf %s "$text" >$out'';

  base = {
    boot.kernelPackages = pkgs.linuxPackages;
    boot.kernelParams = [ "loglevel=4" "root=fstab" ];
    system.boot.loader = { kernelFile = "bzImage"; initrdFile = "initrd"; };
    system.build = rec {
      etc = pkgs.runCommand "etc" { } ''
        mkdir -p $out/etc
        printf '%s\n' 'NAME="Not NixOS"' ID=stub >$out/etc/os-release
        echo ${config.networking.hostName} >$out/etc/hostname
      '';
      # What would be in the initrd, as far as the module says it.
      initialRamdisk = pkgs.runCommand "initrd" {
        units = builtins.toJSON { inherit (config.boot.initrd.systemd) services mounts; };
        inherit (config.boot.initrd.systemd) storePaths;
        rules = config.boot.initrd.services.udev.packages;
      } ''
        mkdir -p $out root
        printf %s "$units" >root/units.json
        for path in $storePaths; do cp "$path" root; done
        for package in $rules; do cp $package/lib/udev/rules.d/* root; done
        (cd root && find . | cpio --quiet -o -H newc) >$out/initrd
      '';
      toplevel = pkgs.runCommand "nixos-system-${config.networking.hostName}" {
        modules = config.boot.extraModulePackages;
        packages = config.environment.systemPackages;
      } ''
        mkdir $out
        ln -s ${etc}/etc $out/etc
        for module in $modules; do find $module -name '*.ko' >>$out/modules; done
        echo $packages >$out/packages
        printf '#!/bin/sh\n' >$out/init
        chmod +x $out/init
      '';
    };
  };
in { inherit config; }
