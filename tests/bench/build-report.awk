# Part of tests/bench/build: table on standard output, JSON in the file "json". Arguments: IMAGE:ROUNDS:COMPRESSION.
# Into m[what, "wall"|"cpu"|"memory"]; the number of rounds.
function read_rounds(file, what,    line, part, n, wall, cpu, memory) {
	while ((getline line < file) > 0) {
		split(line, part, " "); n++
		wall[n] = part[1] + 0; cpu[n] = part[2] + 0; memory[n] = part[3] + 0
	}
	close(file)
	m[what, "wall"] = median(wall, n); m[what, "cpu"] = median(cpu, n); m[what, "memory"] = median(memory, n)
	return n
}
function read_stages(file,    line, part) {
	delete spent
	while ((getline line < file) > 0) { split(line, part, " "); spent[part[1]] += part[2] - part[3] }
	close(file)
}
function object(what) {
	return sprintf("{ \"wall_seconds\": %.3f, \"cpu_seconds\": %.3f, \"memory_kib\": %d }", m[what, "wall"], m[what, "cpu"], m[what, "memory"])
}
BEGIN {
	folder = json; sub(/\/[^\/]*$/, "", folder)
	count = split("tree pack-erofs pack-hash dracut ukify embed", order, " ")
	bad = 0; rows = ""; images = ""
	printf "%-10s %-8s %6s  %8s %8s %6s  %8s %8s %6s  %8s %8s %6s\n", "packing", "", "rounds", "wall", "by hand", "ratio", "cpu", "by hand", "ratio", "MiB", "by hand", "ratio"
	for (a = 1; a < ARGC; a++) {
		split(ARGV[a], words, ":"); name = words[1]
		n = read_rounds(folder "/" name ".ours", "ours"); read_rounds(folder "/" name ".by_hand", "by_hand")
		for (i = split("wall cpu memory", keys, " "); i > 0; i--) ratio[keys[i]] = m["ours", keys[i]] / m["by_hand", keys[i]]
		printf "%-10s %-8s %6d  %8.2f %8.2f %6.3f  %8.2f %8.2f %6.3f  %8.0f %8.0f %6.3f\n", name, words[3], n, m["ours", "wall"], m["by_hand", "wall"], ratio["wall"],
			m["ours", "cpu"], m["by_hand", "cpu"], ratio["cpu"], m["ours", "memory"] / 1024, m["by_hand", "memory"] / 1024, ratio["memory"]
		rows = rows sprintf("%s\n    { \"case\": \"%s\", \"compression\": \"%s\", \"rounds\": %d, \"ours\": %s, \"by_hand\": %s, \"ratio\": { \"wall\": %.3f, \"cpu\": %.3f, \"memory\": %.3f } }",
			rows == "" ? "" : ",", name, words[3], n, object("ours"), object("by_hand"), ratio["wall"], ratio["cpu"], ratio["memory"])
		if (ratio["wall"] > limit) { bad = 1; complaints = complaints "packing " name " takes " sprintf("%.3f", ratio["wall"]) " times as long as by hand, more than " limit " (processor time: " sprintf("%.3f", ratio["cpu"]) "; if only the first is above, another program kept the machine busy)\n" }
	}
	printf "\n%-10s", "image"
	for (i = 1; i <= count; i++) printf " %11s", order[i]
	printf " %9s\n", "all"
	for (a = 1; a < ARGC; a++) {
		name = ARGV[a]; sub(/:.*/, "", name)
		read_stages(folder "/" name ".stages"); all = 0
		printf "%-10s", name
		parts = ""
		for (i = 1; i <= count; i++) {
			printf " %11.1f", spent[order[i]]; all += spent[order[i]]
			parts = parts sprintf("\"%s\": %.1f, ", order[i], spent[order[i]])
		}
		printf " %9.1f\n", all
		images = images sprintf("%s\n    { \"case\": \"%s\", \"seconds\": { %s\"all\": %.1f } }", images == "" ? "" : ",", name, parts, all)
	}
	printf "{\n  \"limit\": %s,\n  \"packing\": [%s\n  ],\n  \"image\": [%s\n  ]\n}\n", limit, rows, images > json
	printf "\n%s", complaints
	exit bad
}
