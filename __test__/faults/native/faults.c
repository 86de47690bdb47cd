/*
 * What the fault suite does to its own process, as another addon could: take the status of other
 * people's children, ignore SIGCHLD, shower a thread with signals, open descriptors that children
 * inherit, change limits. Node-API is declared here so that no headers are needed to build it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
extern int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern int napi_set_named_property(napi_env, napi_value, const char *, napi_value);
extern int napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
extern int napi_get_value_int32(napi_env, napi_value, int32_t *);
extern int napi_get_value_string_utf8(napi_env, napi_value, char *, size_t, size_t *);
extern int napi_create_int32(napi_env, int32_t, napi_value *);

static int32_t argument(napi_env env, napi_callback_info info, size_t index) {
  napi_value values[4] = {NULL};
  size_t count = 4;
  int32_t number = 0;
  napi_get_cb_info(env, info, &count, values, NULL, NULL);
  if (index < count) napi_get_value_int32(env, values[index], &number);
  return number;
}

static napi_value result(napi_env env, int32_t number) {
  napi_value value = NULL;
  napi_create_int32(env, number, &value);
  return value;
}

static void nap(long microseconds) {
  struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
  nanosleep(&time, NULL);
}

/* A thread that does something until it is told to stop. */
static atomic_bool running;
static atomic_int done;
static pthread_t thread;

static napi_value start(napi_env env, void *(*work)(void *), void *data) {
  atomic_store(&done, 0);
  atomic_store(&running, true);
  int error = pthread_create(&thread, NULL, work, data);
  if (error) atomic_store(&running, false);
  return result(env, -error);
}

/* stop(): how often the thread did it. */
static napi_value stop(napi_env env, napi_callback_info info) {
  (void)info;
  if (atomic_exchange(&running, false)) pthread_join(thread, NULL);
  return result(env, atomic_load(&done));
}

static void *reap(void *data) {
  (void)data;
  while (atomic_load(&running)) {
    if (waitpid(-1, NULL, WNOHANG) > 0) atomic_fetch_add(&done, 1);
    else nap(20);
  }
  return NULL;
}

/* startReaper(): from now on a thread of ours waits for any child of this process. */
static napi_value start_reaper(napi_env env, napi_callback_info info) {
  (void)info;
  return start(env, reap, NULL);
}

static pid_t storm_thread;
static int storm_signal;
static int storm_pause;

static void *storm(void *data) {
  (void)data;
  while (atomic_load(&running)) {
    if (syscall(SYS_tgkill, getpid(), storm_thread, storm_signal) == 0) atomic_fetch_add(&done, 1);
    nap(storm_pause);
  }
  return NULL;
}

/* startStorm(signal, microseconds): the calling thread gets the signal this often. */
static napi_value start_storm(napi_env env, napi_callback_info info) {
  storm_thread = (pid_t)syscall(SYS_gettid);
  storm_signal = argument(env, info, 0);
  storm_pause = argument(env, info, 1);
  return start(env, storm, NULL);
}

/* setDisposition(signal, 0 default | 1 ignore) */
static napi_value set_disposition(napi_env env, napi_callback_info info) {
  struct sigaction action = {.sa_handler = argument(env, info, 1) ? SIG_IGN : SIG_DFL};
  return result(env, sigaction(argument(env, info, 0), &action, NULL) ? -errno : 0);
}

/* setLimit(resource, soft): RLIMIT_NOFILE is 7, RLIMIT_NPROC 6 on Linux. */
static napi_value set_limit(napi_env env, napi_callback_info info) {
  struct rlimit limit;
  int resource = argument(env, info, 0);
  if (getrlimit(resource, &limit)) return result(env, -errno);
  int32_t soft = argument(env, info, 1);
  limit.rlim_cur = soft < 0 ? limit.rlim_max : (rlim_t)soft;
  return result(env, setrlimit(resource, &limit) ? -errno : 0);
}

/* openInheritable(path): without close-on-exec, as careless code does. */
static napi_value open_inheritable(napi_env env, napi_callback_info info) {
  napi_value value;
  size_t count = 1;
  char path[4096];
  napi_get_cb_info(env, info, &count, &value, NULL, NULL);
  napi_get_value_string_utf8(env, value, path, sizeof path, NULL);
  int fd = open(path, O_RDWR | O_CREAT, 0600);
  return result(env, fd < 0 ? -errno : fd);
}

/* duplicate(fd, number): without close-on-exec. */
static napi_value duplicate(napi_env env, napi_callback_info info) {
  int fd = dup2(argument(env, info, 0), argument(env, info, 1));
  return result(env, fd < 0 ? -errno : fd);
}

static napi_value is_dumpable(napi_env env, napi_callback_info info) {
  (void)info;
  return result(env, prctl(PR_GET_DUMPABLE));
}

__attribute__((visibility("default"))) int32_t node_api_module_get_api_version_v1(void) { return 8; }

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  static const struct {
    const char *name;
    napi_callback call;
  } functions[] = {
      {"startReaper", start_reaper},   {"startStorm", start_storm},   {"stop", stop},
      {"setDisposition", set_disposition}, {"setLimit", set_limit},   {"openInheritable", open_inheritable},
      {"duplicate", duplicate},        {"isDumpable", is_dumpable},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    napi_value function;
    napi_create_function(env, functions[i].name, (size_t)-1, functions[i].call, NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  return exports;
}
