// SPDX-License-Identifier: MIT
//
// An outbox collects what one component sends in one cycle: to whom, visible when.
//
// Links wake their reader by setting a bit in the wheel that they point to. Natively that is the kernel's
// wheel. Under SystemC every component that sends gets a small wheel of its own, which nobody turns: after
// the component has stepped its shell empties it and passes the wakes on. So the models and links stay what
// they are, and no wake is scheduled by native code.
#ifndef SIM_SC_OUTBOX_H
#define SIM_SC_OUTBOX_H

#include "sim/base/arena.h"
#include "sim/kernel/wheel.h"

#include <vector>

namespace nocsim {

// Empties `wheel`: calls visit(id, cycle) for each wake in it. True when there was one.
template <class Visit> bool drain(sim_wheel &wheel, Visit visit) {
    bool any = false;
    for (uint32_t part = 0; part < SIM_WHEEL_SLOTS; part += 8) {
        for (uint64_t marks = sim_wheel_marks(wheel.occupied + part); marks != 0; marks &= marks - 1) {
            uint32_t slot = part + sim_wheel_first(marks);
            sim_cycle at = wheel.now + (slot - uint32_t(wheel.now)) % SIM_WHEEL_SLOTS;
            uint64_t *set = wheel.set + size_t(slot) * wheel.words;
            uint8_t *summary = wheel.summary + size_t(slot) * wheel.words;
            any = true;
            for (uint32_t word = 0; word < wheel.words; summary[word++] = 0)
                for (; set[word] != 0; set[word] &= set[word] - 1)
                    visit(word * 64 + uint32_t(__builtin_ctzll(set[word])), at);
            wheel.occupied[slot] = 0;
        }
    }
    for (uint32_t id = 0; id < wheel.components && wheel.take_at != SIM_NEVER; id++) {
        if (wheel.timer[id] == SIM_NEVER)
            continue;
        visit(id, wheel.timer[id]);
        wheel.timer[id] = SIM_NEVER;
        any = true;
    }
    wheel.take_at = SIM_NEVER;
    return any;
}

// Ids in the wheel are indices into `receiver`.
struct outbox {
    sim_wheel wheel{};
    std::vector<uint32_t> receiver;

    uint32_t index_of(uint32_t component) {
        for (uint32_t i = 0; i < receiver.size(); i++)
            if (receiver[i] == component)
                return i;
        receiver.push_back(component);
        return uint32_t(receiver.size() - 1);
    }
};

} // namespace nocsim

#endif
