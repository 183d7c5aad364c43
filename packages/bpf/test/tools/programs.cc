// Loads each program of each *.bpf.o in folder argv[1] by itself, its neighbours left out, and prints a
// JSON line for each: {"object","program","errno","instructions","log"}. `instructions` is what the
// verifier went through (its "processed N insns"; include/linux/bpf_verifier.h BPF_LOG_STATS, Linux 5.2);
// `log` is the end of the verifier's words where it refused. Exit 1 when an object cannot be read.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr size_t kLogBytes = 4 << 20;
constexpr size_t kLogTail = 2000;
constexpr uint32_t kRingBytes = 1 << 20;  // the engine sizes the ring; the object does not
constexpr uint32_t kFrags = 1u << 5;      // BPF_F_XDP_HAS_FRAGS, Linux 5.18
enum LogLevel { kReason = 1, kStats = 4 };

int silent(enum libbpf_print_level, const char*, va_list) { return 0; }

std::string escaped(const std::string& text) {
  std::string out;
  for (const unsigned char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '"' || c == '\\') {
      out += {'\\', static_cast<char>(c)};
    } else {
      out += c < 0x20 || c > 0x7e ? ' ' : static_cast<char>(c);
    }
  }
  return out;
}

struct Attempt {
  int err = 0;
  std::string log;
};

// One program of a freshly opened object, so that what another one does cannot count.
Attempt load_one(const std::string& path, const std::string& name, LogLevel level, bool frags) {
  std::vector<char> buffer(kLogBytes, '\0');
  bpf_object* object = bpf_object__open_file(path.c_str(), nullptr);
  if (object == nullptr) return {-errno, ""};
  bpf_map* ring = bpf_object__find_map_by_name(object, "ring");
  if (ring != nullptr) bpf_map__set_max_entries(ring, kRingBytes);
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    const bool wanted = name == bpf_program__name(program);
    bpf_program__set_autoload(program, wanted);
    if (!wanted) continue;
    bpf_program__set_log_level(program, level);
    bpf_program__set_log_buf(program, buffer.data(), buffer.size());
    if (frags) bpf_program__set_flags(program, bpf_program__flags(program) | kFrags);
  }
  const int err = bpf_object__load(object);
  bpf_object__close(object);
  return {err, buffer.data()};
}

Attempt load(const std::string& path, const std::string& name, bool xdp) {
  if (xdp) {
    Attempt frags = load_one(path, name, kStats, true);
    if (frags.err == 0) return frags;
  }
  Attempt plain = load_one(path, name, kStats, false);
  return plain.err == 0 ? plain : load_one(path, name, kReason, false);
}

unsigned processed(const std::string& log) {
  unsigned count = 0;
  const size_t at = log.rfind("processed ");
  return at != std::string::npos && std::sscanf(log.c_str() + at, "processed %u insns", &count) == 1 ? count : 0;
}

void print(const std::string& object, const std::string& program, const Attempt& attempt) {
  const std::string& log = attempt.log;
  const std::string end = attempt.err == 0 ? "" : log.substr(log.size() - std::min(log.size(), kLogTail));
  std::printf("{\"object\":\"%s\",\"program\":\"%s\",\"errno\":%d,\"instructions\":%u,\"log\":\"%s\"}\n", object.c_str(),
              program.c_str(), -attempt.err, attempt.err == 0 ? processed(log) : 0, escaped(end).c_str());
  std::fflush(stdout);
}

bool try_object(const std::string& folder, const std::string& file) {
  const std::string path = folder + "/" + file;
  bpf_object* object = bpf_object__open_file(path.c_str(), nullptr);
  if (object == nullptr) return false;
  std::vector<std::pair<std::string, bool>> programs;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    programs.emplace_back(bpf_program__name(program), bpf_program__type(program) == BPF_PROG_TYPE_XDP);
  }
  bpf_object__close(object);
  for (const auto& [name, xdp] : programs) print(file, name, load(path, name, xdp));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  libbpf_set_print(silent);
  DIR* folder = argc > 1 ? opendir(argv[1]) : nullptr;
  if (folder == nullptr) return 1;
  std::vector<std::string> files;
  const std::string suffix = ".bpf.o";
  for (const dirent* entry = readdir(folder); entry != nullptr; entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (name.size() > suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0) files.push_back(name);
  }
  closedir(folder);
  std::sort(files.begin(), files.end());
  bool read = !files.empty();
  for (const std::string& file : files) read = try_object(argv[1], file) && read;
  return read ? 0 : 1;
}
