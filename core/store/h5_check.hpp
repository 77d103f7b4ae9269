// h5_check.hpp: how a status of the HDF5 C library becomes a Failure. For the h5_*.cpp files only.
#pragma once

#include <hdf5.h>

#include <string>

#include "store/h5.hpp"

namespace attnlab::h5 {

[[noreturn]] void fail(const char* call);  // takes the reason from the error stack

template <class Status>
Status check(Status status, const char* call) {
  if (status < 0) fail(call);
  return status;
}

void prepare();                // once a process: no printing, no work at exit
hid_t memory_type(Kind kind);  // numbers; borrowed
hid_t stored_type(Kind kind);  // numbers, little-endian; borrowed
Handle text_type();            // variable-length UTF-8
Handle group_creation();       // creation order tracked, no times

}  // namespace attnlab::h5
