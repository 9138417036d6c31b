// SPDX-License-Identifier: MIT
//
// SystemC's reports as nocsim's messages.
#ifndef SIM_SC_REPORT_H
#define SIM_SC_REPORT_H

#include "sim/base/err.h"

#include <systemc>

#include <string>

namespace nocsim {

// "chip.tile[0][1]: message (SystemC)" where the report was made by a process, its module's name without
// the assembly's; "message" otherwise.
std::string describe(const sc_core::sc_report &report);

// From now on SystemC's warnings and infos go to stderr as nocsim's, and its errors are thrown.
void take_reports();

} // namespace nocsim

#endif
