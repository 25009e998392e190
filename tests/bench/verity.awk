# Part of tests/bench/verity: table on standard output, JSON in the file "json".
# Lines "DISK OPTION MEASURE SECONDS", one for each round; the n-th of an option is compared with the n-th of "default".
NF == 4 && $2 != "warm-up" {
	key = $1 SUBSEP $2 SUBSEP $3
	seconds[key, ++rounds[key]] = $4
	if (!($2 in seen)) { seen[$2] = 1; options[++count] = $2 }
}
END {
	split("fast stick", disks, " "); split("cold again random", measures, " ")
	printf "%-22s", "time, default = 1"
	for (d = 1; d <= 2; d++) for (m = 1; m <= 3; m++) printf " %13s", disks[d] "/" measures[m]
	printf "\n"
	for (o = 1; o <= count; o++) {
		printf "%-22s", options[o]
		parts = ""
		for (d = 1; d <= 2; d++) for (m = 1; m <= 3; m++) {
			key = disks[d] SUBSEP options[o] SUBSEP measures[m]; base = disks[d] SUBSEP "default" SUBSEP measures[m]
			n = rounds[key]
			for (i = 1; i <= n; i++) { ratio[i] = seconds[key, i] / seconds[base, i]; absolute[i] = seconds[key, i] }
			r = median(ratio, n); s = median(absolute, n)
			printf " %13s", o == 1 ? sprintf("%.3f s", s) : sprintf("%.2f", r)
			parts = parts sprintf("%s\"%s_%s\": { \"seconds\": %.4f, \"ratio\": %.3f }", parts == "" ? "" : ", ", disks[d], measures[m], s, r)
		}
		printf "\n"
		rows = rows sprintf("%s\n    { \"option\": \"%s\", %s }", o == 1 ? "" : ",", options[o], parts)
	}
	printf "{\n  \"rounds\": %d,\n  \"options\": [%s\n  ]\n}\n", n, rows > json
}
