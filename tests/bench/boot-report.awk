# Part of tests/bench/boot. Arguments: the ways. Every NAME.ROUND has "key value" lines of one boot.
function read_rounds(name,    round, line, part, key, n, values, all) {
	delete all
	rounds[name] = 0
	for (round = 1; (getline line < (folder "/" name "." round)) > 0; round++) {
		rounds[name] = round
		do {
			split(line, part, " ")
			all[part[1], round] = part[2]
			keys[part[1]] = 1
		} while ((getline line < (folder "/" name "." round)) > 0)
		close(folder "/" name "." round)
	}
	for (key in keys) {
		n = 0; delete values
		for (round = 1; round <= rounds[name]; round++) if ((key, round) in all) values[++n] = all[key, round] + 0
		if (n) { m[name, key] = median(values, n); spread[name, key] = values[n] - values[1] }
	}
}
function better(a, b) { return a == "" || b < a ? b : a }
BEGIN {
	ways = 0; firmware = 0
	for (a = 1; a < ARGC; a++) if (ARGV[a] == "firmware") firmware = 1; else way[++ways] = ARGV[a]
	rival = ""
	for (i = 1; i <= ways; i++) {
		name = way[i]; read_rounds(name)
		root[name] = m[name, "root_usec"] / 1e6; login[name] = m[name, "login_usec"] / 1e6
		if (name == "verity" || name == "live") rival = better(rival, root[name])
		if (name ~ /-lean$/) lean = better(lean, root[name])
	}
	bad = 0; rows = ""; complaint = ""
	printf "%-14s %6s %10s %14s %8s %9s %9s %9s %11s\n", "way", "rounds", "firmware", "kernel to root", "+-", "ratio", "lean", "to login", "memory MiB"
	for (i = 1; i <= ways; i++) {
		name = way[i]
		ratio = rival == "" ? "-" : sprintf("%.3f", root[name] / rival)
		ratio_lean = lean == "" ? "-" : sprintf("%.3f", root[name] / lean)
		printf "%-14s %6d %10.2f %14.2f %8.2f %9s %9s %9.2f %11.1f\n", name, rounds[name], m[name, "firmware"], root[name], spread[name, "root_usec"] / 2e6, ratio, ratio_lean, login[name], m[name, "used_kib"] / 1024
		printf "%s %.3f %.3f %.3f\n", name, m[name, "firmware"], root[name], login[name] - root[name] > data
		rows = rows sprintf("%s\n    { \"way\": \"%s\", \"rounds\": %d, \"firmware_seconds\": %.3f, \"kernel_to_root_seconds\": %.3f, \"kernel_to_root_spread\": %.3f, \"kernel_to_initrd_seconds\": %.3f, \"kernel_to_login_seconds\": %.3f, \"memory_kib\": %d, \"ratio\": %s, \"ratio_lean\": %s }",
			rows == "" ? "" : ",", name, rounds[name], m[name, "firmware"], root[name], spread[name, "root_usec"] / 1e6, m[name, "initrd_usec"] / 1e6, login[name], m[name, "used_kib"], ratio == "-" ? "null" : ratio, ratio_lean == "-" ? "null" : ratio_lean)
		if (rival != "" && (name == "embedded" || name == "split") && root[name] > limit * rival) {
			bad = 1
			complaint = complaint sprintf("%s takes %s of the better rival's time to the root, more than %s\n", name, ratio, limit)
		}
	}
	sizes = ""
	if (firmware) {
		printf "\n%-14s %6s %10s %12s\n", "firmware", "rounds", "unsigned", "Secure Boot"
		count = split("64 256 570", mib, " ")
		for (i = 1; i <= count; i++) {
			read_rounds("firmware-" mib[i]); read_rounds("firmware-" mib[i] "-signed")
			plain = m["firmware-" mib[i], "firmware"]; signed = m["firmware-" mib[i] "-signed", "firmware"]
			count_rounds = rounds["firmware-" mib[i] "-signed"]
			printf "%10d MiB %6d %10.2f %12.2f\n", mib[i], count_rounds, plain, signed
			sizes = sizes sprintf("%s\n    { \"mib\": %d, \"rounds\": %d, \"unsigned_seconds\": %.3f, \"secure_boot_seconds\": %.3f }", sizes == "" ? "" : ",", mib[i], count_rounds, plain, signed)
		}
	}
	printf "{\n  \"limit\": %s,\n  \"ways\": [%s\n  ],\n  \"firmware\": [%s\n  ]\n}\n", limit, rows, sizes > json
	printf "\n%s", complaint
	exit bad
}
