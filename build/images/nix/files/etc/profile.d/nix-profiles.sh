# Installed packages come before Debian's programs, those the image was made with after them.
PATH=$HOME/.nix-profile/bin:$PATH:/nix/var/nix/profiles/default/bin
# nix-shell would look for its shell in a collection of packages that has to be downloaded.
export NIX_BUILD_SHELL=/bin/bash NIX_PATH=local=/etc/nix/local
