# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of "parts" and of other parts
# --json: it parses, and it says what the text says.
release=$(ls /usr/lib/modules)
make_tree tree
mkdir out

# An expression about the output, whose object is j.
json() { # <expression>
	python3 -c 'import json, sys; j = json.load(open(sys.argv[1])); r = eval(sys.argv[2]); print(r) if r is not True else 0; sys.exit(r is not True)' "$words.out" "$1"
}
agrees() { # <expression of an archive's object> <facts>
	json "all(str($1[k]) == v for k, v in dict(l.strip().split(': ') for l in open('$2')).items() if k in ('name', 'uuid', 'root-hash', 'size'))"
}
ukiblk pack tree --name sample --output . --compression lz4 --chunk-size 128K >facts
chunks=$(sed -n 's/^chunks: //p' facts)
does "pack" pack tree --name sample --output out --compression lz4 --chunk-size 128K --json
holds "pack: the same facts" agrees j facts
holds "pack: the chunks" json "j['chunk-count'] == $chunks"
does "inspect" inspect sample.erofs.001 --json
holds "inspect: the same facts" agrees "j['archive']" facts
holds "inspect: the file" json "j['file'] == 'sample.erofs.001' and j['file-size'] == 131072"
holds "inspect: each chunk" json "[c['file'].rpartition('/')[2] for c in j['archive']['chunks']] == ['sample.erofs'] + ['sample.erofs.%03d' % i for i in range(1, $chunks)]"
holds "inspect: their sizes" json "sum(c['size'] for c in j['archive']['chunks']) == j['archive']['size']"
does "verify" verify sample.erofs --json
holds "verify: nothing bad" json "j['bad-blocks'] == 0 and 'first-bad' not in j"
holds "verify: the same facts" agrees j facts

# A damaged archive: the object on standard output as well as the sentence and the exit code.
verify_damaged() {
	local status=0
	printf '\x5a\xa5\x5a' | dd of=sample.erofs.001 bs=1 seek=8192 conv=notrunc status=none
	ukiblk verify sample.erofs --json >"$words.out" 2>"$words.err" || status=$?
	equal "$status" 4 && [[ $(cat "$words.err") == 'ukiblk: Archive "sample" is damaged: 1 block does not match, '* ]] &&
		json "j['bad-blocks'] == 1 and j['first-bad'] == {'part': 'data', 'block': 33, 'file': './sample.erofs.001', 'offset': 8192}"
}
holds "verify: a damaged block" verify_damaged

echo initrd >initrd
echo 'ID=test' >os-release
does "build" build --root tree --kernel "/boot/vmlinuz-$release" --os-release os-release --initrd initrd --name uki --output out --json
holds "build: the mode" json "j['mode'] == 'embedded' and j['name'] == 'uki'"
does "inspect of a UKI" inspect out/uki.efi --json
holds "inspect of a UKI: its sections" json "{'.linux', '.initrd', '.cmdline', '.osrel', '.uname'} <= {s['name'] for s in j['sections']}"
holds "inspect of a UKI: not signed" json "j['signed'] is False"
# A name JSON has to quote.
cp out/uki.efi 'a "b\c.efi'
does "inspect of an odd name" inspect 'a "b\c.efi' --json
holds "inspect of an odd name: the name" json "j['file'] == 'a \"b\\\\c.efi'"
