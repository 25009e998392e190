# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # $repo, $out and $stick are the caller's, and $words is for it
# Boots of a tiny root in the virtual machine, decided by what comes through its result port. Source
# it after tap.sh with $repo and $out set; each boot has the folder $out/CASE.
tree() { "$repo/build/run" --with "$repo/out/stage" "$@"; }

# A panic ends the machine (-no-reboot), and every kernel warning is a panic. no_timer_check: on a busy host an emulated
# timer may not tick in the moment in which Linux looks ("IO-APIC + timer doesn't work!"); under KVM it does not look either.
words="console=ttyS0 panic=-1 oops=panic panic_on_warn=1 no_timer_check systemd.gpt_auto=0"

# Boot a disk made of the files; what comes through the result port is in $out/$1/port.
boot() { # <case> <files...>
	local folder=$out/$1 status=0
	shift
	mkdir -p "$folder"
	# shellcheck disable=SC2154 # a caller may set $stick, words for QEMU, and $patience, seconds
	timeout --foreground --kill-after=30 "${patience:-300}" "$repo/build/vm" --memory 1024 --logfile "$folder/console" --sockets "$folder" \
		--qemu -no-reboot --qemu -chardev --qemu "file,id=tap,path=$folder/port" \
		--qemu -device --qemu virtserialport,chardev=tap,name=ukiblk.tap ${stick:+$stick} \
		"$@" >"$folder/vm.log" 2>&1 </dev/null || status=$?
	echo $status >"$folder/status"
	case $status in 134 | 139) vm_crashed=1 ;; esac
	[ $status = 0 ] || echo "# $folder: the virtual machine ended with exit code $status"
	tap_clean_log "$folder/console" "${folder##*/}"
}

boots() { # <case> <files...>: to the tiny root, whose own cases count
	boot "$@"
	tap_import "$out/$1/port" "$1"
}

refused() { # <case> <check-report's arguments>: after boot
	local name=$1
	shift
	tap_run "$name: refused with exit code $1 and its sentences" tree "$out/check-report" "$out/$name/port" "$@"
}

# A warning on the console, which is what a person sees; after boot or boots.
says() { # <case> <sentence>
	tap_run "$1: the console says so" grep -aqF -- "$2" "$out/$1/console"
}
loop_warning="The kernel does not take the module ukiblk; loop devices are used. Do not overwrite the archive's files while they are in use."

# The functions case_NAME. QEMU sometimes crashes when a disk that is read is pulled (an abort or a segmentation fault of its own, once in
# some hundred pulls): such a case is begun again, once.
vm_crashed=0
run_cases() { # <cases...>
	local name count failed
	for name; do
		count=$tap_count failed=$tap_failed vm_crashed=0
		"case_$name" >"$out/case.tap"
		if [ $vm_crashed = 1 ]; then
			echo "# $name: QEMU crashed; the case begins again"
			rm -f "$out/$name"{,-boot}/{port,console,hvc0}
			tap_count=$count tap_failed=$failed
			"case_$name" >"$out/case.tap"
		fi
		cat "$out/case.tap"
	done
}
