/*
 * slow-tracer PID MILLISECONDS: traces a process, says "ready", and once the process has ended looks
 * away for a while before it lets its parent have it. Meanwhile a pidfd may say that the process is
 * ready to be reaped, and nobody can reap it.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count != 3) return 2;
  pid_t pid = atoi(arguments[1]);
  long pause = atol(arguments[2]);
  if (ptrace(PTRACE_SEIZE, pid, NULL, NULL)) return 3;
  if (write(1, "ready\n", 6) != 6) return 4;
  for (;;) {
    siginfo_t info;
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WSTOPPED | WNOWAIT)) return 5;
    if (info.si_code == CLD_EXITED || info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED) break;
    int status;
    waitpid(pid, &status, WUNTRACED);
    int signal = WSTOPSIG(status);
    ptrace(PTRACE_CONT, pid, NULL, signal == SIGTRAP ? 0 : signal);
  }
  struct timespec time = {pause / 1000, pause % 1000 * 1000000};
  nanosleep(&time, NULL);
  waitid(P_PID, (id_t)pid, NULL, WEXITED);
  return 0;
}
