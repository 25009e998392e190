# A NixOS that lies in an archive: its own systemd initrd finds, verifies and mounts it with "ukiblk boot".
{ source, ukiblk }:
{ config, lib, pkgs, ... }:
let
  # Of lvm2's rules those about device-mapper itself: nobody's volumes are to be activated here.
  rules = pkgs.runCommand "ukiblk-udev-rules" { } ''
    mkdir -p $out/lib/udev/rules.d
    cp ${lib.getOutput "out" pkgs.lvm2}/lib/udev/rules.d/{10-dm,13-dm-disk,95-dm-notify}.rules \
      ${source}/dracut-module/90ukiblk/80-ukiblk.rules $out/lib/udev/rules.d
  '';
in {
  # Nothing mounts this: it tells NixOS that there is a root, and of which type.
  fileSystems."/" = { device = "ukiblk"; fsType = "overlay"; };
  boot.loader.grub.enable = false;

  boot.extraModulePackages = [ (config.boot.kernelPackages.callPackage ./kmod.nix { inherit source; }) ];
  boot.initrd = {
    # The archive and what stands on it; "ukiblk boot" finds them loaded.
    kernelModules = [ "ukiblk" "dm_mod" "dm_verity" "erofs" "overlay" ];
    # Carriers, and disks that firmware can boot from.
    availableKernelModules = [
      "loop" "vfat" "exfat" "isofs" "nls_cp437" "nls_iso8859-1" "nls_utf8" "efivarfs"
      "xhci_pci" "ehci_pci" "uas" "usb_storage" "sd_mod" "sr_mod" "nvme" "ahci"
      "virtio_pci" "virtio_blk" "virtio_scsi" "mmc_block" "sdhci_pci"
    ];
    services.udev.packages = [ rules ];
    services.udev.binPackages = [ (lib.getBin pkgs.lvm2) ];

    systemd = {
      enable = true;
      storePaths = [ "${ukiblk}/bin/ukiblk" ];

      services.ukiblk-boot = {
        description = "Find the root archive, verify and mount it";
        unitConfig = {
          DefaultDependencies = false;
          OnFailure = "emergency.target";
          OnFailureJobMode = "replace-irreversibly";
        };
        wants = [ "systemd-udevd.service" "systemd-udev-trigger.service" ];
        after = [ "systemd-udevd.service" "systemd-modules-load.service" ];
        before = [ "sysroot.mount" "initrd-root-fs.target" ];
        serviceConfig = {
          Type = "oneshot";
          RemainAfterExit = true;
          ExecStart = "${ukiblk}/bin/ukiblk boot";
          StandardInput = "null";
          StandardOutput = "journal+console";
          StandardError = "journal+console";
          TimeoutStartSec = "infinity";
        };
      };

      # A unit in /etc comes before the one systemd-fstab-generator makes of root=.
      mounts = [{
        what = "ukiblk";
        where = "/sysroot";
        type = "overlay";
        unitConfig.DefaultDependencies = false;
        requires = [ "ukiblk-boot.service" ];
        after = [ "ukiblk-boot.service" ];
        before = [ "initrd-root-fs.target" ];
        requiredBy = [ "initrd-root-fs.target" ];
      }];
    };
  };
  # The partition the archive lies on is shown at /efi and belongs to nobody else.
  boot.kernelParams = [ "systemd.gpt_auto=0" ];
}
