{
  description = "A NixOS configuration as a UKI with a verified archive";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";

  outputs = { self, nixpkgs }:
    let
      system = "x86_64-linux";
      inherit (nixpkgs) lib;
      pkgs = nixpkgs.legacyPackages.${system};
      # The tool and the module are built from the repository this folder lies in.
      source = ../..;
      ukiblk = pkgs.callPackage ./ukiblk.nix { inherit source; };
      buildUKI = import ./image.nix {
        inherit pkgs lib ukiblk;
        nixosSystem = modules: lib.nixosSystem {
          inherit system;
          modules = [ self.nixosModules.default ] ++ modules;
        };
      };
    in {
      lib = { inherit buildUKI; };

      nixosModules.default = import ./module.nix { inherit source ukiblk; };

      packages.${system} = {
        inherit ukiblk;
        default = ukiblk;
        minimal = buildUKI { nixosConfig = ./minimal.nix; name = "minimal"; };
        minimal-split = buildUKI { nixosConfig = ./minimal.nix; name = "minimal"; splitImage = true; };
      };
    };
}
