// SPDX-License-Identifier: MIT
//
// Spike traces for test benches: the samples of a .spk file as the frames that nocsim::chip takes.
#ifndef SIM_SC_TRACE_H
#define SIM_SC_TRACE_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nocsim {

class trace {
public:
    // Throws std::runtime_error, as do the functions that read.
    explicit trace(const std::string &path);
    ~trace();

    uint64_t samples() const;
    uint32_t timesteps() const;
    size_t frame_bytes() const;

    int32_t label(uint64_t sample);               // -1: it has none
    std::vector<uint8_t> frames(uint64_t sample); // timesteps * frame_bytes

private:
    struct parts;
    std::unique_ptr<parts> p;
};

} // namespace nocsim

#endif
