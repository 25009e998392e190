{
  description = "As much of nixpkgs as build/nix uses, made of the Debian the test runs in";

  outputs = { self }:
    let
      system = "x86_64-linux";
      pkgs = import ./pkgs.nix { inherit lib system; };
      lib = import ./lib.nix // {
        nixosSystem = { modules, ... }: import ./nixos.nix { inherit lib pkgs modules; };
      };
    in {
      inherit lib;
      legacyPackages.${system} = pkgs;
    };
}
