# buildUKI: a NixOS configuration → NAME.efi [and NAME.erofs …], without root and without mounts.
{ pkgs, lib, ukiblk, nixosSystem }:
{ nixosConfig
, name ? "nixos-uki"
, splitImage ? false
, compression ? "zstd"
, compressionLevel ? "max"
, maxSize ? 4294967295
, enableSecureBoot ? false
, secureBootKey ? null
, secureBootCert ? null
}:
let
  nixos = nixosSystem [ nixosConfig ];
  inherit (nixos) config;
  toplevel = config.system.build.toplevel;
  kernel = config.boot.kernelPackages.kernel;
  closure = pkgs.closureInfo { rootPaths = [ toplevel ]; };

  # "lz4" has no levels.
  method = compression + lib.optionalString (!(builtins.elem compression [ "none" "lz4" ])) ",${toString compressionLevel}";
  # root= is the archive's root hash, and "ukiblk build" adds it.
  cmdline = [ "init=${toplevel}/init" ]
    ++ builtins.filter (word: !(lib.hasPrefix "root=" word)) config.boot.kernelParams;
in
assert lib.assertMsg (enableSecureBoot -> secureBootKey != null && secureBootCert != null)
  "buildUKI: enableSecureBoot needs secureBootKey and secureBootCert";
pkgs.runCommand name {
  nativeBuildInputs = [ ukiblk pkgs.erofs-utils pkgs.gnutar pkgs.nix pkgs.sqlite ]
    ++ lib.optional enableSecureBoot pkgs.sbsigntool;
  passthru = { inherit nixos; };
} ''
  # Older releases of nixpkgs have ukify in one of these places only.
  mkdir bin
  for place in bin lib/systemd; do
    [ ! -e ${pkgs.systemdUkify}/$place/ukify ] || ln -sf ${pkgs.systemdUkify}/$place/ukify bin/ukify
  done
  PATH=$PWD/bin:$PATH

  # Beside the closure the tree has only what Nix knows about it: database, profile, root of the collector.
  state=tree/nix/var/nix
  mkdir -p tree/nix/store $state/{profiles/per-user,gcroots,db}
  export HOME=$PWD USER=nobody
  NIX_STATE_DIR=$PWD/$state NIX_REMOTE=local nix-store --load-db <${closure}/registration
  # The time of the registration and the journal would differ from build to build.
  sqlite3 $state/db/db.sqlite "PRAGMA wal_checkpoint(TRUNCATE); UPDATE ValidPaths SET registrationTime = 1;
    PRAGMA journal_mode = DELETE; VACUUM;" >/dev/null
  rm -rf $state/db/{db.sqlite-shm,db.sqlite-wal,reserved,big-lock} $state/{temproots,gc.lock,gc-socket,userpool}
  ln -s ${toplevel} $state/profiles/system-1-link
  ln -s system-1-link $state/profiles/system
  ln -s /nix/var/nix/profiles $state/gcroots/profiles
  chmod 1775 tree/nix/store

  # Two passes because the store's own folder must come before its content; owner root, as on a NixOS.
  tar=(tar --create --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner --format=gnu)
  "''${tar[@]}" --file tree.tar --directory tree nix
  sed 's,^/,,' ${closure}/store-paths | LC_ALL=C sort >paths
  tar --append --sort=name --owner=0 --group=0 --numeric-owner --format=gnu --file tree.tar --directory / --files-from paths

  mkdir $out
  ukiblk build --root tree.tar \
    --kernel ${kernel}/${config.system.boot.loader.kernelFile} --kernel-config ${kernel.configfile} \
    --initrd ${config.system.build.initialRamdisk}/${config.system.boot.loader.initrdFile} \
    --stub ${pkgs.systemd}/lib/systemd/boot/efi/linuxx64.efi.stub \
    --os-release ${config.system.build.etc}/etc/os-release \
    --cmdline ${lib.escapeShellArg (toString cmdline)} \
    --name ${lib.escapeShellArg name} --mode ${if splitImage then "split" else "embedded"} \
    --compression ${method} --max-size ${toString maxSize} --output $out \
    ${lib.optionalString enableSecureBoot "--sign-key ${secureBootKey} --sign-cert ${secureBootCert}"}
''
