# The tool. Programs it calls (mkfs.erofs, ukify) are looked for in PATH.
{ stdenv, lowdown, pkg-config, cryptsetup, lvm2, util-linux, systemd, openssl, json_c, source }:
stdenv.mkDerivation {
  pname = "ukiblk";
  version = "0.1.0";
  src = source;
  nativeBuildInputs = [ lowdown pkg-config ];
  buildInputs = [ cryptsetup lvm2 util-linux systemd openssl json_c ];
  buildFlags = [ "tool" ];
  makeFlags = [ "prefix=${placeholder "out"}" ];
  enableParallelBuilding = true;
}
