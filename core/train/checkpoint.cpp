// checkpoint.cpp: leaving a trial between two updates and coming back to it.
#include "train/checkpoint.hpp"

#include <cstring>
#include <exception>

#include "train/trial.hpp"

namespace attnlab {

namespace {

template <class Numbers>
std::string_view bytes_of(const Numbers& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(*numbers.data())};
}

template <class Numbers>
void copy_bytes(std::string_view from, Numbers&& to) {
  if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
}

}  // namespace

template <class S>
void RunningTrial<S>::resume(Observer& observer, const TrialView& trial, CheckpointPlace& place) {
  const auto bytes = place.load();
  if (!bytes) return;
  const auto saved = decode_half_way(*bytes);
  if (!saved) return place.refused(saved.errors().front().what);
  if (saved->step < 0 || saved->step > n_steps_ ||
      saved->parameters.size() != bytes_of(trained()).size() ||
      saved->state.size() != state_.size()) {
    return place.refused("it holds another number of steps, parameters or optimizer numbers");
  }
  if (!observer.restore(saved->observed)) {
    observer.begin(trial);
    return place.refused("its records are not those that the trial asks for");
  }
  step_ = saved->step;
  time_ = saved->time;
  copy_bytes(saved->parameters, trained());
  copy_bytes(saved->state, state_);
  place.continued(step_);
}

// A trial must not end because its state could not be kept.
template <class S>
void RunningTrial<S>::keep(const Observer& observer, CheckpointPlace& place) try {
  const std::string observed = observer.content(step_);
  place.save(step_, encode({step_, time_, bytes_of(trained()), bytes_of(state_), observed}));
} catch (const std::exception&) {
}

// An optimizer that asks for gradients may be cut short in the middle of an update. One that did
// not ask in the last update is not expected to in the next.
template <class S>
void RunningTrial<S>::remember() {
  if (!asks_) return;
  before_.time = time_;
  before_.parameters.assign(trained().begin(), trained().end());
  before_.state = state_;
  before_.step = step_;
}

template <class S>
bool RunningTrial<S>::go_back() {
  if (before_.step != step_) return false;
  time_ = before_.time;
  copy_bytes(bytes_of(before_.parameters), trained());
  state_ = before_.state;
  return true;
}

template void RunningTrial<float>::resume(Observer&, const TrialView&, CheckpointPlace&);
template void RunningTrial<double>::resume(Observer&, const TrialView&, CheckpointPlace&);
template void RunningTrial<float>::keep(const Observer&, CheckpointPlace&);
template void RunningTrial<double>::keep(const Observer&, CheckpointPlace&);
template void RunningTrial<float>::remember();
template void RunningTrial<double>::remember();
template bool RunningTrial<float>::go_back();
template bool RunningTrial<double>::go_back();

}  // namespace attnlab
