// children.hpp: work in a process of its own, and a folder for one test.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <set>

#include "reading/file.hpp"

namespace reading {

inline void overwrite(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

class Folder {
 public:
  Folder() {
    std::string name = testing::TempDir() + "attnlab-reading-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }
  // Waits for the clock of the file system first: a change shows in the file's times.
  fs::path write(const std::string& name, const std::string& bytes) const {
    const fs::path file = path_ / name;
    fs::create_directories(file.parent_path());
    if (is_there(file)) {
      const auto before = fs::last_write_time(file);
      do {
        overwrite(path_ / ".clock", "");
      } while (fs::last_write_time(path_ / ".clock") <= before);
    }
    overwrite(file, bytes);
    return file;
  }

 private:
  fs::path path_;
};

inline std::vector<fs::path> files_with(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> out;
  if (!is_folder(folder)) return out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (extension.empty() || entry.path().extension() == extension) out.push_back(entry.path());
  }
  return out;
}

struct Told {
  std::string answer, on_stderr;
};

// A process that does `work`, which answers a text.
class Child {
 public:
  template <class Work>
  explicit Child(const Work& work) {
    if (::pipe(answer_) != 0 || ::pipe(errors_) != 0) throw std::runtime_error("no pipe");
    process_ = ::fork();
    if (process_ != 0) {
      ::close(answer_[1]), ::close(errors_[1]);
      return;
    }
    ::dup2(errors_[1], STDERR_FILENO);
    std::string text;
    try {
      text = work();
    } catch (const std::exception& error) {
      text = std::string("exception: ") + error.what();
    }
    const ssize_t done = ::write(answer_[1], text.data(), text.size());
    ::_exit(done == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  Child(Child&& other) noexcept
      : process_(std::exchange(other.process_, 0)),
        answer_{other.answer_[0], other.answer_[1]},
        errors_{other.errors_[0], other.errors_[1]} {}
  ~Child() {
    if (process_ == 0) return;
    kill();
    wait();
  }
  Told wait() {
    const Told out{rest_of(answer_[0]), rest_of(errors_[0])};
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
    return out;
  }
  void kill() const { ::kill(process_, SIGKILL); }

 private:
  static std::string rest_of(int pipe) {
    std::string out;
    char block[4096];
    for (ssize_t n = 0; (n = ::read(pipe, block, sizeof block)) > 0;) {
      out.append(block, static_cast<std::size_t>(n));
    }
    ::close(pipe);
    return out;
  }
  pid_t process_;
  int answer_[2], errors_[2];
};

template <class Work>
Told in_a_child(const Work& work) {
  return Child(work).wait();
}

}  // namespace reading
