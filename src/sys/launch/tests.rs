use std::os::fd::{AsFd, AsRawFd};

use super::*;
use crate::sys::environ::snapshot;
use crate::sys::fd;
use crate::sys::wait::{self, Exit, Target};

fn strings(list: &[&str]) -> CStrings {
    let mut strings = CStrings::default();
    list.iter().for_each(|item| strings.push(item.as_bytes()));
    strings
}

/// Runs a program with its output in a pipe and returns what it wrote and how it ended.
fn run(
    candidates: &[&str],
    argv: &[&str],
    adapt: impl FnOnce(&mut Request<'_>),
) -> Result<(String, Exit), Failure> {
    let (ours, theirs) = fd::socket_pair().expect("a pair");
    let slots = [-1, theirs.as_raw_fd(), theirs.as_raw_fd()];
    let (candidates, argv, envp) = (strings(candidates), strings(argv), snapshot());
    let mut request = Request {
        candidates: &candidates,
        argv: &argv,
        envp: &envp,
        cwd: None,
        slots: &slots,
        detached: false,
        uid: None,
        gid: None,
    };
    adapt(&mut request);
    let launched = launch(&request)?;
    drop(theirs);
    let exit = wait::reap(Target::Pid(launched.pid)).expect("a child to wait for");
    let mut output = Vec::new();
    while let Ok(1..) = fd::read_appending(ours.as_fd(), &mut output, 4096) {}
    Ok((String::from_utf8(output).expect("text"), exit))
}

#[test]
fn memory_sharing_is_found_to_work_on_linux() {
    assert_eq!(method(), Method::Vfork);
}

#[test]
fn runs_the_first_candidate_that_is_there() {
    let (output, exit) = run(
        &["/nowhere/sh", "/bin/sh"],
        &["sh", "-c", "echo hello; exit 3"],
        |_| (),
    )
    .expect("a launch");
    assert_eq!((output.as_str(), exit), ("hello\n", Exit::Code(3)));
}

#[test]
fn tells_which_step_failed() {
    let missing = run(&["/nowhere/sh"], &["sh"], |_| ()).expect_err("no such program");
    assert_eq!(missing, Step::Exec.failed(Errno::ENOENT));

    let below_a_file = run(&["/etc/passwd/sh"], &["sh"], |_| ()).expect_err("not a directory");
    assert_eq!(below_a_file, Step::Exec.failed(Errno::ENOTDIR));

    let directory = run(&["/bin/sh"], &["sh"], |request| {
        request.cwd = Some(c"/nowhere")
    })
    .expect_err("no such directory");
    assert_eq!(directory, Step::Chdir.failed(Errno::ENOENT));

    let closed = run(&["/bin/sh"], &["sh"], |request| {
        request.slots = &[0, 1, 99_999]
    })
    .expect_err("no such descriptor");
    assert_eq!(closed, Step::Stdio.failed(Errno::EBADF));
}

#[test]
fn credentials_go_by_the_copying_path() {
    let uid = nix::unistd::geteuid().as_raw();
    let (output, exit) = run(&["/bin/sh"], &["sh", "-c", "id -u"], |request| {
        request.uid = Some(uid)
    })
    .expect("becoming oneself is allowed");
    assert_eq!((output, exit), (format!("{uid}\n"), Exit::Code(0)));

    let missing = run(&["/nowhere/sh"], &["sh"], |request| request.uid = Some(uid))
        .expect_err("no such program");
    assert_eq!(missing, Step::Exec.failed(Errno::ENOENT));
}

#[test]
fn a_script_without_interpreter_line_runs_under_the_shell() {
    let path = std::env::temp_dir().join(format!("rs-child-process-script-{}", std::process::id()));
    std::fs::write(&path, "echo script \"$1\"\n").expect("a script");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("mode");
    let name = path.to_str().expect("a plain path").to_owned();
    // A child forked by another test may hold our writing descriptor until its exec.
    let result = loop {
        match run(&[&name], &["ignored", "argument"], |_| ()) {
            Err(busy) if busy.errno == Errno::ETXTBSY => std::thread::yield_now(),
            result => break result,
        }
    };
    std::fs::remove_file(&path).expect("the script");
    assert_eq!(result, Ok(("script argument\n".to_owned(), Exit::Code(0))));
}

#[test]
fn only_the_table_reaches_the_child() {
    let leak = std::fs::File::open("/dev/null").expect("a file");
    nix::fcntl::fcntl(
        &leak,
        nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::empty()),
    )
    .expect("flags");
    // 3 is the descriptor of the listing itself.
    let (output, _) = run(&["/bin/ls"], &["ls", "/proc/self/fd"], |_| ()).expect("a launch");
    assert_eq!(output, "0\n1\n2\n3\n");
}
