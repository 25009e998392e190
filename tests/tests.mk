# SPDX-License-Identifier: GPL-2.0-only
# Test layers, quickest first. Every suite speaks TAP; tests/lib/harness sums up.
HARNESS := tests/lib/harness $(OUT)/results

SUITE_lint   := lint=tests/lint/run
SUITE_man    := man=tests/man/run
SUITE_unit   := unit=tests/unit/run
SUITE_tool   := tool=tests/tool/run
SUITE_kernel := "kernel-6.12=tests/kernel/run 6.12" "kernel-6.1=tests/kernel/run 6.1"
SUITE_boot   := boot=tests/boot/run
SUITE_rescue := rescue=tests/boot/rescue
SUITE_nix    := nix=tests/nix/run
SUITE_nix_image := nix-image=tests/nix/image

.PHONY: check check-lint check-man check-unit check-tool check-kernel check-boot check-rescue check-nix check-nix-image
check: stage ## all tests; the first run also makes the tools tree (about 20 minutes in all)
	@echo "ukiblk: running all tests; the virtual machines take most of about 15 minutes" >&2
	$(Q)$(HARNESS) $(SUITE_lint) $(SUITE_unit) $(SUITE_man) $(SUITE_tool) $(SUITE_kernel) $(SUITE_boot) $(SUITE_nix) $(SUITE_rescue)

check-lint: tools-tree ## shellcheck, layers, left-overs
	$(Q)$(HARNESS) $(SUITE_lint)
check-man: stage ## manual pages and completion against the tool's own tables
	$(Q)$(HARNESS) $(SUITE_man)
check-unit: tools-tree ## pure parts, under ASan and UBSan
	$(Q)$(HARNESS) $(SUITE_unit)
check-tool: stage ## the verbs that need no device-mapper
	$(Q)$(HARNESS) $(SUITE_tool)
check-kernel: tools-tree ## the module in small virtual machines
	$(Q)$(HARNESS) $(SUITE_kernel)
check-boot: stage ## boots with real firmware, of a tiny root
	$(Q)$(HARNESS) $(SUITE_boot)
check-rescue: stage ## one boot of the whole rescue image
	$(Q)$(HARNESS) $(SUITE_rescue)
check-nix: stage ## a NixOS-shaped root boots, the flake builds on a stub of nixpkgs
	$(Q)$(HARNESS) $(SUITE_nix)
check-nix-image: stage ## one boot of the image nix: builds and installs without a network
	$(Q)$(HARNESS) $(SUITE_nix_image)
