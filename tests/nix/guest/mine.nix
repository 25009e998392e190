# For a user other than root, whose builds the daemon does.
with import <local> { };
run "mine" { } "echo mine >$out"
