{
  description = "A person's own system, as build/nix/README.md shows it";

  inputs.ukiblk.url = "path:@source@?dir=build/nix";
  inputs.ukiblk.inputs.nixpkgs.url = "path:@source@/tests/nix/nixpkgs";

  outputs = { self, ukiblk }:
    let person = { networking.hostName = "person"; environment.systemPackages = [ ]; };
    in {
      packages.x86_64-linux = {
        signed = ukiblk.lib.buildUKI {
          nixosConfig = person;
          name = "person";
          compression = "lz4hc";
          compressionLevel = 9;
          enableSecureBoot = true;
          secureBootKey = ./db.key;
          secureBootCert = ./db.crt;
        };
        no-key = ukiblk.lib.buildUKI { nixosConfig = person; enableSecureBoot = true; };
        too-big = ukiblk.lib.buildUKI { nixosConfig = person; maxSize = 1048576; };
      };
    };
}
