# Part of tests/bench/ram. Arguments: the ways. Every NAME.ROUND has "key value" lines of one boot.
function middle(name, key,    round, line, part, n, values) {
	n = 0
	for (round = 1; round <= rounds; round++) {
		while ((getline line < (folder "/" name "." round)) > 0) {
			split(line, part, " ")
			if (part[1] == key && part[2] != "") values[++n] = part[2] + 0
		}
		close(folder "/" name "." round)
	}
	return n ? median(values, n) : -1
}
function number(value) { return value < 0 ? "null" : sprintf("%.3f", value) }
function cell(value) { return value < 0 ? "-" : sprintf("%.1f", value) }
BEGIN {
	printf "%-8s %8s %10s %8s %8s %8s %12s %12s\n", "way", "login s", "removable", "copy s", "dd s", "copy/dd", "verify s", "memory MiB"
	for (a = 1; a < ARGC; a++) {
		name = ARGV[a]
		login = middle(name, "login"); removable = middle(name, "removable"); copy = middle(name, "copy-seconds"); verify = middle(name, "verify-seconds")
		n = 0
		for (i = 1; i <= 3; i++) { d = middle(name, "dd-" i); if (d >= 0) all[++n] = d }
		dd = n ? median(all, n) : -1
		ratio = copy > 0 && dd > 0 ? copy / dd : -1
		if (name == "before") before = ratio
		memory = middle(name, "used_kib") / 1024
		printf "%-8s %8s %10s %8s %8s %8s %12s %12s\n", name, cell(login), cell(removable), cell(copy), cell(dd), ratio < 0 ? "-" : sprintf("%.2f", ratio), cell(verify), cell(memory)
		rows = rows sprintf("%s\n    { \"way\": \"%s\", \"login_seconds\": %s, \"removable_seconds\": %s, \"copy_seconds\": %s, \"dd_seconds\": %s, \"copy_ratio\": %s, \"verify_seconds\": %s, \"memory_mib\": %s, \"bytes\": %s }",
			rows == "" ? "" : ",", name, number(login), number(removable), number(copy), number(dd), number(ratio), number(verify), number(memory), number(middle(name, "size")))
	}
	printf "{\n  \"rounds\": %d,\n  \"ways\": [%s\n  ]\n}\n", rounds, rows > json
	if (before != "") print (before > 0 && before <= 1.15 ? "ok" : "MISSED") " with before, the copy takes at most 1.15 of dd's time"
	exit before != "" && !(before > 0 && before <= 1.15)
}
