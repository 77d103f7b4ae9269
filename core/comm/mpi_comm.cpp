// mpi_comm.cpp: the only file that includes mpi.h.
#include "comm/mpi_comm.hpp"

#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <list>
#include <thread>

namespace attnlab {
namespace {

std::string text_of(int code) {
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  return std::string(text, static_cast<std::size_t>(std::max(length, 0)));
}

// Sleeps a little longer each time: 50 us, then twice that, up to 1 ms.
class BackOff {
 public:
  void rest() {
    std::this_thread::sleep_for(pause_);
    pause_ = std::min(pause_ * 2, std::chrono::microseconds(1000));
  }

 private:
  std::chrono::microseconds pause_{50};
};

}  // namespace

struct MpiComm::Inside {
  struct Sent {
    std::vector<std::int64_t> words;  // stays in place until the request is complete
    MPI_Request request = MPI_REQUEST_NULL;
  };

  MPI_Comm world = MPI_COMM_NULL;
  int rank = 0;
  int size = 1;
  std::list<Sent> sent;
  std::deque<Message> mine;  // messages of this rank to itself

  void check(int code, const char* deed) const {
    if (code == MPI_SUCCESS) return;
    std::fprintf(stderr,
                 "error: rank %d: MPI failed to %s: %s; the job ends here, finished trials are safe, run the "
                 "same command again to continue\n",
                 rank, deed, text_of(code).c_str());
    MPI_Abort(MPI_COMM_WORLD, 3);
  }

  void drop_complete_sends() {
    for (auto it = sent.begin(); it != sent.end();) {
      int complete = 0;
      check(MPI_Test(&it->request, &complete, MPI_STATUS_IGNORE), "send a message");
      it = complete != 0 ? sent.erase(it) : std::next(it);
    }
  }

  void wait(MPI_Request request, const char* deed) const {
    BackOff back_off;
    for (int complete = 0;;) {
      check(MPI_Test(&request, &complete, MPI_STATUS_IGNORE), deed);
      if (complete != 0) return;
      back_off.rest();
    }
  }

  void broadcast(void* data, int bytes) const {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Ibcast(data, bytes, MPI_BYTE, 0, world, &request), "broadcast");
    wait(request, "broadcast");
  }
};

Result<std::unique_ptr<Comm>> MpiComm::start(int& argc, char**& argv) {
  int provided = MPI_THREAD_SINGLE;
  const int code = MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  if (code != MPI_SUCCESS) {
    return Error{"MPI", "MPI_Init failed: " + text_of(code),
                 "try `mpirun -n 2 hostname` first, or run without mpirun", Blame::machine};
  }
  if (provided < MPI_THREAD_FUNNELED) {
    MPI_Finalize();
    return Error{"MPI", "this MPI does not allow threads beside its own",
                 "use an MPI built with thread support (MPI_THREAD_FUNNELED)", Blame::machine};
  }
  auto inside = std::make_unique<Inside>();
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  inside->check(MPI_Comm_dup(MPI_COMM_WORLD, &inside->world), "make a communicator");
  MPI_Comm_set_errhandler(inside->world, MPI_ERRORS_RETURN);
  MPI_Comm_rank(inside->world, &inside->rank);
  MPI_Comm_size(inside->world, &inside->size);
  return std::unique_ptr<Comm>(new MpiComm(std::move(inside)));
}

MpiComm::MpiComm(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

MpiComm::~MpiComm() {
  BackOff back_off;
  for (inside_->drop_complete_sends(); !inside_->sent.empty(); inside_->drop_complete_sends()) {
    back_off.rest();
  }
  MPI_Comm_free(&inside_->world);
  MPI_Finalize();
}

int MpiComm::rank() const { return inside_->rank; }
int MpiComm::size() const { return inside_->size; }

void MpiComm::send(int to, int tag, std::span<const std::int64_t> words) {
  if (to == inside_->rank) {
    inside_->mine.push_back({to, tag, {words.begin(), words.end()}});
    return;
  }
  inside_->drop_complete_sends();
  Inside::Sent& sent = inside_->sent.emplace_back();
  sent.words.assign(words.begin(), words.end());
  inside_->check(MPI_Isend(sent.words.data(), static_cast<int>(sent.words.size()), MPI_INT64_T, to,
                           tag, inside_->world, &sent.request),
                 "send a message");
}

std::optional<Message> MpiComm::poll() {
  if (!inside_->sent.empty()) inside_->drop_complete_sends();
  if (!inside_->mine.empty()) {
    Message message = std::move(inside_->mine.front());
    inside_->mine.pop_front();
    return message;
  }
  int here = 0;
  MPI_Status status;
  inside_->check(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, inside_->world, &here, &status),
                 "look for messages");
  if (here == 0) return std::nullopt;
  int n_words = 0;
  inside_->check(MPI_Get_count(&status, MPI_INT64_T, &n_words), "measure a message");
  Message message{status.MPI_SOURCE, status.MPI_TAG, {}};
  message.words.resize(static_cast<std::size_t>(n_words));
  inside_->check(MPI_Recv(message.words.data(), n_words, MPI_INT64_T, message.from, message.tag,
                          inside_->world, MPI_STATUS_IGNORE),
                 "receive a message");
  return message;
}

std::string MpiComm::broadcast(std::string text) {
  auto n_bytes = static_cast<std::int64_t>(text.size());
  inside_->broadcast(&n_bytes, sizeof n_bytes);
  text.resize(static_cast<std::size_t>(n_bytes));
  constexpr std::size_t piece = std::size_t{1} << 30;  // a count of MPI is an int
  for (std::size_t first = 0; first < text.size(); first += piece) {
    inside_->broadcast(text.data() + first, static_cast<int>(std::min(piece, text.size() - first)));
  }
  return text;
}

std::vector<std::int64_t> MpiComm::gather(std::int64_t word) {
  std::vector<std::int64_t> words;
  if (inside_->rank == 0) words.resize(static_cast<std::size_t>(inside_->size));
  MPI_Request request = MPI_REQUEST_NULL;
  inside_->check(
      MPI_Igather(&word, 1, MPI_INT64_T, words.data(), 1, MPI_INT64_T, 0, inside_->world, &request),
      "gather");
  inside_->wait(request, "gather");
  return words;
}

std::int64_t MpiComm::maximum(std::int64_t word) {
  std::int64_t largest = word;
  MPI_Request request = MPI_REQUEST_NULL;
  inside_->check(
      MPI_Iallreduce(&word, &largest, 1, MPI_INT64_T, MPI_MAX, inside_->world, &request),
      "find the maximum");
  inside_->wait(request, "find the maximum");
  return largest;
}

}  // namespace attnlab
