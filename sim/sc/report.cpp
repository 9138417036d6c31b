// SPDX-License-Identifier: MIT
//
// SystemC's reports as nocsim's messages; see report.h.
#include "sim/sc/report.h"

#include "sim/sc/assembly.h"

#include <cstdio>

namespace nocsim {

// The process is named MODULE.METHOD; a shell stands below ASSEMBLY.system.
static std::string place(const sc_core::sc_report &report) {
    const char *process = report.get_process_name();
    if (process == nullptr)
        return "";
    std::string module(process);
    module.resize(module.rfind('.') == std::string::npos ? module.size() : module.rfind('.'));
    const auto *component = dynamic_cast<const shell *>(sc_core::sc_find_object(module.c_str()));
    return component != nullptr ? component->path() : module;
}

std::string describe(const sc_core::sc_report &report) {
    std::string text = place(report), id = report.get_msg_type() != nullptr ? report.get_msg_type() : "";
    if (!text.empty())
        text += ": ";
    const char *message = report.get_msg();
    if (message == nullptr || *message == '\0')
        return text + id;
    return text + message + " (SystemC: " + id + ")";
}

static void on_report(const sc_core::sc_report &report, const sc_core::sc_actions &) {
    if (report.get_severity() >= sc_core::SC_ERROR)
        throw report;
    const char *kind = report.get_severity() == sc_core::SC_WARNING ? "warning: " : "";
    std::fprintf(stderr, "nocsim: %s%s\n", kind, describe(report).c_str());
}

void take_reports() { sc_core::sc_report_handler::set_handler(on_report); }

} // namespace nocsim
