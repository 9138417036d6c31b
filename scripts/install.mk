# SPDX-License-Identifier: MIT
# Installation: the program, its manual page, descriptions and workloads.

DESTDIR ?=
SHARE   := $(DESTDIR)$(PREFIX)/share

$(B)/nocsim.1: $(B)/nocsim scripts/man.sh
	$(Q)scripts/man.sh $(B)/nocsim > $@.tmp && mv $@.tmp $@

.PHONY: man install uninstall
man: $(B)/nocsim.1 ## write the manual page (build/<variant>/nocsim.1)

install: $(B)/nocsim $(B)/nocsim.1 ## install to PREFIX (default /usr/local; DESTDIR is honoured)
	install -D -m 755 $(B)/nocsim $(DESTDIR)$(PREFIX)/bin/nocsim
	install -D -m 644 $(B)/nocsim.1 $(SHARE)/man/man1/nocsim.1
	for f in $$(find configs workloads -name '*.yaml' -o -name '*.spk' -size -8192k -o -name README.md); do \
	  install -D -m 644 $$f $(SHARE)/nocsim/$$f || exit 1; done
	install -D -m 644 LICENSE $(SHARE)/doc/nocsim/LICENSE

uninstall: ## remove what install put there
	rm -rf $(DESTDIR)$(PREFIX)/bin/nocsim $(SHARE)/man/man1/nocsim.1 $(SHARE)/nocsim $(SHARE)/doc/nocsim
