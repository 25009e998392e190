# Part of tests/bench/boot. Arguments: the ways. Every NAME.ROUND has "key value" lines of one boot.
function read_rounds(name,    round, line, part, key, n, values, all) {
	delete all
	for (round = 1; round <= rounds; round++) {
		while ((getline line < (folder "/" name "." round)) > 0) {
			split(line, part, " ")
			all[part[1], round] = part[2]
			keys[part[1]] = 1
		}
		close(folder "/" name "." round)
	}
	for (key in keys) {
		n = 0; delete values
		for (round = 1; round <= rounds; round++) if ((key, round) in all) values[++n] = all[key, round] + 0
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
	printf "%-14s %10s %14s %8s %9s %9s %9s %11s\n", "way", "firmware", "kernel to root", "+-", "ratio", "lean", "to login", "memory MiB"
	for (i = 1; i <= ways; i++) {
		name = way[i]
		ratio = rival == "" ? "-" : sprintf("%.3f", root[name] / rival)
		ratio_lean = lean == "" ? "-" : sprintf("%.3f", root[name] / lean)
		printf "%-14s %10.2f %14.2f %8.2f %9s %9s %9.2f %11.1f\n", name, m[name, "firmware"], root[name], spread[name, "root_usec"] / 2e6, ratio, ratio_lean, login[name], m[name, "used_kib"] / 1024
		printf "%s %.3f %.3f %.3f\n", name, m[name, "firmware"], root[name], login[name] - root[name] > data
		rows = rows sprintf("%s\n    { \"way\": \"%s\", \"firmware_seconds\": %.3f, \"kernel_to_root_seconds\": %.3f, \"kernel_to_initrd_seconds\": %.3f, \"kernel_to_login_seconds\": %.3f, \"memory_kib\": %d, \"ratio\": %s, \"ratio_lean\": %s }",
			rows == "" ? "" : ",", name, m[name, "firmware"], root[name], m[name, "initrd_usec"] / 1e6, login[name], m[name, "used_kib"], ratio == "-" ? "null" : ratio, ratio_lean == "-" ? "null" : ratio_lean)
		if (rival != "" && (name == "embedded" || name == "split") && root[name] > limit * rival) {
			bad = 1
			complaint = complaint sprintf("%s takes %s of the better rival's time to the root, more than %s\n", name, ratio, limit)
		}
	}
	sizes = ""
	if (firmware) {
		printf "\n%-14s %10s %12s\n", "firmware", "unsigned", "Secure Boot"
		count = split("64 256 570", mib, " ")
		for (i = 1; i <= count; i++) {
			read_rounds("firmware-" mib[i]); read_rounds("firmware-" mib[i] "-signed")
			plain = m["firmware-" mib[i], "firmware"]; signed = m["firmware-" mib[i] "-signed", "firmware"]
			printf "%10d MiB %10.2f %12.2f\n", mib[i], plain, signed
			sizes = sizes sprintf("%s\n    { \"mib\": %d, \"unsigned_seconds\": %.3f, \"secure_boot_seconds\": %.3f }", sizes == "" ? "" : ",", mib[i], plain, signed)
		}
	}
	printf "{\n  \"rounds\": %d,\n  \"limit\": %s,\n  \"ways\": [%s\n  ],\n  \"firmware\": [%s\n  ]\n}\n", rounds, limit, rows, sizes > json
	printf "\n%s", complaint
	exit bad
}
