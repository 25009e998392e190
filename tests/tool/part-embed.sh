# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of "parts" and of other parts
# embed: the archive inside a UKI, byte for byte, and still there after signing; what it refuses.
release=$(ls /usr/lib/modules)
make_tree tree
mkdir chunks out
ukiblk pack tree --name sample --output . --compression lz4 >facts
ukiblk pack tree --name sample --output chunks --compression lz4 --chunk-size 128K >/dev/null
root_hash=$(sed -n 's/^root-hash: //p' facts)
echo initrd >initrd
ukify build --linux "/boot/vmlinuz-$release" --initrd initrd --cmdline "root=ukiblk:$root_hash" --uname "$release" --output bare.efi >/dev/null 2>&1
printf 'no whole block' >>bare.efi
openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 2 -subj /CN=test 2>/dev/null

# --- what it makes
padded() { # <file>: its size as whole blocks
	echo $((($(stat -c %s "$1") + 4095) / 4096 * 4096))
}
# UKI, zeros to a whole block, payload, one block of identifier: nothing else.
embed_layout() { # <file>
	local start size
	start=$(padded bare.efi) size=$(sed -n 's/^size: //p' facts)
	equal "$(stat -c '%a %s' "$1")" "644 $((start + size + 4096))" && cmp -n "$(stat -c %s bare.efi)" bare.efi "$1" &&
		cmp <(head -c "$start" "$1" | tail -c "+$(($(stat -c %s bare.efi) + 1))") <(head -c $((start - $(stat -c %s bare.efi))) /dev/zero) &&
		cmp <(tail -c "+$((start + 1))" "$1" | head -c "$size") <(head -c "$size" sample.erofs)
}
inspect_embedded() { # <file> <archive's facts>
	local key
	check_good inspect "$1" || return 1
	for key in uuid root-hash size; do equal "$(fact $key)" "$(sed -n "s/^$key: //p" facts)" || return 1; done
	equal "$(fact archive) $(fact chunks)" "sample 1"
}
does "an archive of one file" embed --uki bare.efi --archive sample.erofs --output out/one.efi
holds "an archive of one file: says nothing" test ! -s "$words.out"
holds "an archive of one file: its bytes" embed_layout out/one.efi
holds "an archive of one file: inspect" inspect_embedded out/one.efi
does "an archive of chunks" embed --uki bare.efi --archive chunks/sample.erofs.001 --output out/CHUNKS.EFI
mv out/CHUNKS.efi out/chunks.efi
holds "an archive of chunks: the same bytes" same_bytes out/chunks.efi out/one.efi
does "from inside another UKI" embed --uki bare.efi --archive out/one.efi --output out/again.efi
holds "from inside another UKI: the same bytes" same_bytes out/again.efi out/one.efi
# The padding is none when the UKI is whole blocks already.
cp bare.efi even.efi
truncate -s "$(padded bare.efi)" even.efi
does "a UKI of whole blocks" embed --uki even.efi --archive sample.erofs --output out/even.efi
holds "a UKI of whole blocks: the same bytes" same_bytes out/even.efi out/one.efi
(cd out && ukiblk embed --uki ../bare.efi --archive ../sample.erofs --output here.efi)
holds "into the current folder" same_bytes out/here.efi out/one.efi

# --- signed after that
sign() { sbsign --key key --cert cert --output "$2" "$1" 2>/dev/null; }
holds "sbsign signs the result" sign out/one.efi out/signed.efi
holds "signed: sbverify is content" sbverify --cert cert out/signed.efi
holds "signed: inspect finds the archive" inspect_embedded out/signed.efi
holds "signed: inspect tells of the signature" grep -qE '^signature: certificate table at [0-9]+, [0-9]+ bytes$' "$words.out"
holds "signed: its payload is the archive's" cmp <(payload out/signed.efi) <(head -c -4096 sample.erofs)
does "from inside a signed UKI" embed --uki bare.efi --archive out/signed.efi --output out/third.efi
holds "from inside a signed UKI: the same bytes" same_bytes out/third.efi out/one.efi
# Signed elsewhere: only the signature comes back.
holds "a detached signature of the result" sbsign --key key --cert cert --detached --output one.p7 out/one.efi
cp out/one.efi out/attached.efi
holds "is attached here" sbattach --attach one.p7 out/attached.efi
holds "attached: sbverify is content" sbverify --cert cert out/attached.efi
holds "attached: inspect finds the archive" inspect_embedded out/attached.efi
holds "attached: its payload is the archive's" cmp <(payload out/attached.efi) <(head -c -4096 sample.erofs)
# The same for the module, by the kernel's own program: byte for byte what signing here gives.
cp "/usr/lib/modules/$release/updates/ukiblk.ko" here.ko
cp here.ko there.ko
sign_file=/usr/src/linux-headers-$release/scripts/sign-file
"$sign_file" sha256 key cert here.ko
holds "a detached signature of the module" openssl cms -sign -binary -noattr -nocerts -nosmimecap -md sha256 -outform DER \
	-signer cert -inkey key -in there.ko -out there.p7s
"$sign_file" -s there.p7s sha256 - there.ko
holds "attached to the module: as if signed here" same_bytes there.ko here.ko
# The signature covers the archive: a changed byte of the payload, or of the identifier, breaks it.
signature_breaks() { # <offset>
	cp out/signed.efi changed.efi
	printf '\x5a\xa5' | dd of=changed.efi bs=1 seek="$1" conv=notrunc status=none
	! sbverify --cert cert changed.efi
}
holds "signed: a changed payload breaks the signature" signature_breaks $(($(padded bare.efi) + 5000))
holds "signed: a changed identifier breaks the signature" signature_breaks $(($(stat -c %s out/one.efi) - 100))
rm -f changed.efi

# --- refused
already="out/one.efi exists already. Use --force to replace it"
refuse "a result that is there" 1 "$already" -- embed --uki bare.efi --archive sample.erofs --output out/one.efi
: >out/one.efi
does "--force" embed --uki bare.efi --archive sample.erofs --output out/one.efi --force
holds "--force: its bytes" embed_layout out/one.efi
sign bare.efi signed-bare.efi
refuse "a signed UKI" 1 "signed-bare.efi is signed already. Embed first, sign after: the signature covers the archive" -- \
	embed --uki signed-bare.efi --archive sample.erofs --output out/x.efi
refuse "a UKI that holds an archive and is signed" 1 "out/signed.efi is signed already. Embed first, sign after: the signature covers the archive" -- \
	embed --uki out/signed.efi --archive sample.erofs --output out/x.efi
refuse "a second archive" 1 "out/one.efi holds the archive \"sample\" already" -- \
	embed --uki out/one.efi --archive sample.erofs --output out/x.efi
refuse "no UKI" 1 "Cannot open missing: No such file or directory" -- embed --uki missing --archive sample.erofs --output out/x.efi
refuse "a folder as UKI" 1 "chunks is not a regular file" -- embed --uki chunks --archive sample.erofs --output out/x.efi
refuse "a text as UKI" 1 "facts cannot take an archive: This is not a PE file" -- embed --uki facts --archive sample.erofs --output out/x.efi
head -c 100000 bare.efi >cut.efi
refuse "a cut UKI" 1 "cut.efi cannot take an archive: A section of the PE file lies beyond its end. Copy the file again" -- \
	embed --uki cut.efi --archive sample.erofs --output out/x.efi
refuse "no archive" 1 "missing carries no usable archive. Cannot open it: No such file or directory" -- \
	embed --uki bare.efi --archive missing --output out/x.efi
refuse "a UKI without archive as archive" 1 "bare.efi carries no usable archive. No identifier at its end" -- \
	embed --uki bare.efi --archive bare.efi --output out/x.efi
mv chunks/sample.erofs.001 .
refuse "a missing chunk" 1 "Archive \"sample\" lacks chunk 2 of *[0-9]. Copy all its chunks to the same folder" -- \
	embed --uki bare.efi --archive chunks/sample.erofs --output out/x.efi
refuse "no output folder" 1 "Cannot write to the output folder missing: No such file or directory" -- \
	embed --uki bare.efi --archive sample.erofs --output missing/x.efi
# One chunk of 4 GiB, a file of holes: the identifier is right, and FAT32 cannot hold the result.
large=$((1 << 32))
tail -c 4096 sample.erofs >identifier
truncate -s $large large.erofs
cat identifier >>large.erofs
"$corpus/identifier/forge" large.erofs 120:8=$large 136:8=$large
refuse "an archive too large for FAT32" 1 "With its archive the .efi would have 43*[0-9] bytes, more than the 4294967295 allowed. Use split mode" -- \
	embed --uki bare.efi --archive large.erofs --output out/x.efi
rm large.erofs
size=$(stat -c %s out/one.efi)
refuse "one byte more than --max-size" 1 "With its archive the .efi would have $size bytes, more than the $((size - 1)) allowed. Use split mode" -- \
	embed --uki bare.efi --archive sample.erofs --output out/x.efi --max-size $((size - 1))
does "exactly --max-size" embed --uki bare.efi --archive sample.erofs --output out/x.efi --max-size "$size"
holds "exactly --max-size: the same bytes" same_bytes out/x.efi out/one.efi
holds "nothing was left" no_leftovers
