# SPDX-License-Identifier: MIT
# SQL that the program carries: sim/FOLDER/NAME.sql becomes the array sim_NAME_sql, a text that ends with a NUL.

SQL_OBJECTS := $(patsubst sim/%.sql,$(B)/sim/%_sql.o,$(wildcard sim/*/*.sql))

$(B)/sim/%_sql.c: sim/%.sql
	@mkdir -p $(@D)
	{ echo '#include "sim/base/sql.h"'; echo 'const char sim_$(notdir $*)_sql[] = {'; \
	  od -An -v -tu1 $< | sed 's/  *\([0-9][0-9]*\)/\1,/g'; echo '0};'; } > $@.tmp
	mv $@.tmp $@

$(SQL_OBJECTS): $(B)/sim/%_sql.o: $(B)/sim/%_sql.c sim/base/sql.h $(B)/flags
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/libnocsim.a: $(SQL_OBJECTS)
