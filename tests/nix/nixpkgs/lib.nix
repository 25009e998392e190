rec {
  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  optional = condition: value: if condition then [ value ] else [ ];
  optionalString = condition: text: if condition then text else "";
  escapeShellArg = text: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString text)}'";
  assertMsg = condition: message: condition || throw message;
  mkDefault = value: value;
  getOutput = output: package: package.${output} or package;
  getBin = getOutput "bin";

  # Sets are joined, lists are put one after the other, of anything else there may be one.
  merge = a: b:
    if builtins.isAttrs a && builtins.isAttrs b then
      a // builtins.mapAttrs (name: value: if a ? ${name} then merge a.${name} value else value) b
    else if builtins.isList a && builtins.isList b then a ++ b
    else if a == b then a
    else throw "two values for one option: ${builtins.toJSON a} and ${builtins.toJSON b}";
}
