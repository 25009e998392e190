# The kernel module for one kernel: pkgs.linuxPackages.callPackage ./kmod.nix { source = …; }
{ stdenv, kernel, kernelModuleMakeFlags ? kernel.makeFlags, source }:
let tree = "${kernel.dev}/lib/modules/${kernel.modDirVersion}/build";
in stdenv.mkDerivation {
  pname = "ukiblk-module";
  version = "0.1.0-${kernel.version}";
  src = source;
  nativeBuildInputs = kernel.moduleBuildDependencies;
  hardeningDisable = [ "pic" ];
  buildFlags = [ "module" ];
  installTargets = [ "modules_install" ];
  makeFlags = kernelModuleMakeFlags ++ [
    "KVER=${kernel.modDirVersion}"
    "KDIR=${tree}"
    # NixOS has no /usr: modules are in lib/modules of the package
    "moduledir=${placeholder "out"}/lib/modules/${kernel.modDirVersion}/updates"
  ];
}
