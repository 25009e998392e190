# A small rescue system: root is logged in on the consoles, the network by DHCP.
{ lib, pkgs, ... }:
{
  networking.hostName = "nixos-rescue";
  networking.useNetworkd = true;
  networking.useDHCP = lib.mkDefault true;
  services.getty.autologinUser = "root";
  boot.kernelParams = [ "console=tty0" "console=ttyS0" ];
  environment.systemPackages = [ pkgs.parted pkgs.gptfdisk pkgs.dosfstools pkgs.rsync pkgs.htop ];
  nix.settings.experimental-features = [ "nix-command" "flakes" ];
  documentation.enable = false;
  services.journald.storage = "volatile";
  system.stateVersion = "25.05";
}
