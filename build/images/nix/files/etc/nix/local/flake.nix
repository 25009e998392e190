{
  description = "What can be built without a network: the packages this image was made with";

  outputs = { self }:
    let local = import ./. { };
    in {
      packages.x86_64-linux = local.packages // { default = local.packages.busybox; };
      lib = { inherit (local) run; };
    };
}
