#pragma once
// The one way in which the model tells what it does: `trace.emit(FrameArrived{queue, slot, bytes});`

#include <cstddef>
#include <span>
#include <string_view>

#include "sim/moment.hpp"
#include "sim/record.hpp"

namespace stackscope {

// CONTRACT (the implementation is sim's; model code uses only this):
//   RecordId Trace::emit(const R&)            encodes the record with the moment's time, cause and place; the
//   record becomes
//                                             the cause of what follows in this flow of control. Its id is
//                                             returned.
//   RecordId Trace::emit(const R&, RecordId)  the same with an explicit cause.
//   StringId Trace::intern(std::string_view)  BlobId Trace::blob(std::span<const std::byte>)
//   Moment& Trace::moment()

}  // namespace stackscope
