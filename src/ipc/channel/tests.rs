use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use super::*;
use crate::sys::fd::socket_pair;
use crate::sys::scm_rights;

fn pair(mode: Mode) -> (Channel, UnixStream) {
    let (ours, theirs) = socket_pair().unwrap();
    (Channel::new(ours, mode, 1 << 20), theirs.into())
}

fn texts(incoming: &Incoming) -> Vec<String> {
    let batch = incoming.batch.as_ref();
    batch
        .map(|batch| {
            batch
                .frames()
                .map(|frame| String::from_utf8_lossy(frame).into_owned())
                .collect()
        })
        .unwrap_or_default()
}

/// Reads until nothing more will be read: a child that another test is starting has a copy of the
/// peer until its exec.
fn ending(channel: &mut Channel, mut incoming: Incoming) -> Ending {
    loop {
        match incoming.ending {
            Some(ending) => return ending,
            None => std::thread::yield_now(),
        }
        incoming = channel.receive();
    }
}

#[test]
fn messages_both_ways() {
    let (mut channel, mut peer) = pair(Mode::Json);
    peer.write_all(b"1\n2\n3").unwrap();
    assert_eq!(texts(&channel.receive()), ["1", "2"]);
    peer.write_all(b"\n").unwrap();
    assert_eq!(texts(&channel.receive()), ["3"]);
    assert!(channel.receive().batch.is_none());
    let taken = channel.send(b"hello\n".to_vec(), None).unwrap();
    assert_eq!((taken.queued, taken.free.is_some()), (0, true));
    let mut got = [0; 6];
    peer.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"hello\n");
}

#[test]
fn what_came_before_the_end_is_delivered_with_it() {
    let (mut channel, mut peer) = pair(Mode::Json);
    peer.write_all(b"1\n2\nhalf").unwrap();
    drop(peer);
    let incoming = channel.receive();
    assert_eq!(texts(&incoming), ["1", "2"]);
    assert_eq!(ending(&mut channel, incoming), Ending::Closed);
    assert!(!channel.wants_read());
}

#[test]
fn a_peer_that_dies_with_messages_unread_is_an_end() {
    let (mut channel, peer) = pair(Mode::Json);
    channel.send(b"unread\n".to_vec(), None).unwrap();
    drop(peer);
    let incoming = channel.receive();
    assert_eq!(ending(&mut channel, incoming), Ending::Closed);
    let refused = channel.send(b"x\n".to_vec(), None).unwrap_err();
    assert_eq!(refused, Errno::EPIPE);
}

#[test]
fn what_the_socket_does_not_take_waits_and_leaves_after_close() {
    let (mut channel, mut peer) = pair(Mode::Json);
    let large = vec![b'x'; 4 << 20];
    assert!(channel.send(large.clone(), None).unwrap().free.is_none());
    let last = channel.send(b"\nlast\n".to_vec(), None).unwrap();
    assert_ne!(last.queued, 0, "order is kept");
    let queued = channel.queued_bytes();
    assert!(queued > 0 && queued < large.len() + 6);
    channel.close();
    assert!(!channel.wants_read() && channel.wants_write() && !channel.is_finished());

    let reader = std::thread::spawn(move || {
        let mut all = Vec::new();
        peer.read_to_end(&mut all).unwrap();
        all
    });
    let mut left = 0;
    while !channel.is_finished() {
        left += channel.flush().unwrap();
        std::thread::yield_now();
    }
    assert_eq!((left, channel.queued_bytes()), (2, 0));
    drop(channel);
    let all = reader.join().unwrap();
    assert_eq!(all.len(), large.len() + 6);
    assert!(all.ends_with(b"\nlast\n"));
}

#[test]
fn frames_lost_with_the_peer_are_counted() {
    let (mut channel, peer) = pair(Mode::Json);
    channel.send(vec![b'x'; 4 << 20], None).unwrap();
    channel.send(b"\n".to_vec(), None).unwrap();
    drop(peer);
    // A child that another test is starting has a copy of the peer until its exec.
    let lost = loop {
        match channel.flush() {
            Ok(0) => std::thread::yield_now(),
            other => break other,
        }
    };
    assert_eq!(lost, Err((Errno::EPIPE, 2)));
    assert_eq!((channel.queued_bytes(), channel.wants_write()), (0, false));
}

#[test]
fn a_descriptor_stays_with_its_message() {
    let (mut channel, peer) = pair(Mode::Json);
    let envelope = br#"{"cmd":"NODE_HANDLE","type":"net.Socket","msg":1}"#;
    let file = std::fs::File::open("/dev/null").unwrap();
    scm_rights::send(peer.as_fd(), b"\"before\"\n", None).unwrap();
    scm_rights::send(peer.as_fd(), &envelope[..10], Some(file.as_fd())).unwrap();
    let incoming = channel.receive();
    assert_eq!(texts(&incoming), ["\"before\""]);
    assert!(incoming.with_descriptor.is_empty());
    assert!(
        channel.take_descriptor().is_none(),
        "its message is not complete"
    );
    scm_rights::send(peer.as_fd(), &envelope[10..], None).unwrap();
    scm_rights::send(peer.as_fd(), b"\n\"after\"\n", None).unwrap();
    let incoming = channel.receive();
    assert_eq!(incoming.batch.as_ref().map(Batch::len), Some(2));
    assert_eq!(incoming.with_descriptor, [0]);
    assert!(channel.take_descriptor().is_some());
    assert!(channel.take_descriptor().is_none());
}

#[test]
fn several_descriptors_in_one_batch() {
    let (mut channel, peer) = pair(Mode::Json);
    let file = std::fs::File::open("/dev/null").unwrap();
    for text in [
        "1\n",
        "{\"cmd\":\"NODE_HANDLE\",\"n\":1}\n",
        "2\n",
        "{\"cmd\":\"NODE_HANDLE\",\"n\":2}\n",
    ] {
        let with = text.contains("HANDLE").then(|| file.as_fd());
        scm_rights::send(peer.as_fd(), text.as_bytes(), with).unwrap();
    }
    let incoming = channel.receive();
    assert_eq!(incoming.batch.as_ref().map(Batch::len), Some(4));
    assert_eq!(incoming.with_descriptor, [1, 3]);
}

#[test]
fn a_queued_descriptor_goes_out_with_its_frame() {
    let (mut channel, peer) = pair(Mode::Json);
    let (read, write) = nix::unistd::pipe().unwrap();
    channel.send(vec![b'x'; 1 << 20], None).unwrap();
    let handle = channel.send(b"handle\n".to_vec(), Some(write.as_fd()));
    assert!(handle.unwrap().free.is_none());
    drop(write);
    let reader = std::thread::spawn(move || {
        let mut all = Vec::new();
        while !all.ends_with(b"handle\n") {
            all.reserve(1 << 16);
            match scm_rights::receive(peer.as_fd(), &mut all) {
                Ok((_, scm_rights::Passed::Descriptor(fd))) => {
                    assert!(all.ends_with(b"handle\n"));
                    std::fs::File::from(fd).write_all(b"once").unwrap();
                }
                Ok(_) => {}
                Err(Errno::EAGAIN) => std::thread::yield_now(),
                Err(errno) => panic!("{errno}"),
            }
        }
    });
    while channel.wants_write() {
        channel.flush().unwrap();
        std::thread::yield_now();
    }
    reader.join().unwrap();
    let mut text = String::new();
    std::fs::File::from(read).read_to_string(&mut text).unwrap();
    assert_eq!(text, "once", "and the channel's own duplicate is closed");
}

/// The other end tells whether every copy of a descriptor is closed.
#[test]
fn descriptors_that_nobody_took_are_closed() {
    let (sent, sent_other) = socket_pair().unwrap();
    let (received, received_other) = socket_pair().unwrap();
    let (mut channel, peer) = pair(Mode::Json);
    channel.send(vec![b'x'; 1 << 20], None).unwrap();
    channel.send(b"\n".to_vec(), Some(sent.as_fd())).unwrap();
    scm_rights::send(
        peer.as_fd(),
        b"{\"cmd\":\"NODE_HANDLE\"}\n",
        Some(received.as_fd()),
    )
    .unwrap();
    drop((sent, received));
    assert_eq!(channel.receive().with_descriptor, [0]);
    channel.close();
    assert_eq!(nix::unistd::read(&received_other, &mut [0; 1]), Ok(0));
    drop(channel);
    assert_eq!(nix::unistd::read(&sent_other, &mut [0; 1]), Ok(0));
}

#[test]
fn a_message_over_the_limit_ends_reading() {
    let (mut channel, mut peer) = pair(Mode::Advanced);
    peer.write_all(b"\0\0\0\x01!\xff\xff\xff\xffgarbage")
        .unwrap();
    let incoming = channel.receive();
    assert_eq!(texts(&incoming), ["!"]);
    assert_eq!(
        incoming.ending,
        Some(Ending::TooLarge(TooLarge { limit: 1 << 20 }))
    );
    assert!(!channel.wants_read());
    assert!(
        channel
            .send(b"still writable".to_vec(), None)
            .unwrap()
            .free
            .is_some()
    );
}

#[test]
fn what_another_thread_has_sent_can_be_counted_without_sending() {
    let (mut channel, _peer) = pair(Mode::Json);
    channel.hold(b"1\n".to_vec());
    channel.hold(b"2\n".to_vec());
    assert_eq!(channel.count_gone(), 0);
    let sender = channel.sender();
    std::thread::spawn(move || sender.flush_held())
        .join()
        .unwrap();
    assert_eq!(channel.count_gone(), 2);
    assert_eq!(channel.flush(), Ok(0));
    assert!(!channel.wants_write());
}

#[test]
fn what_is_held_back_leaves_together_and_is_counted_once() {
    let (mut channel, mut peer) = pair(Mode::Json);
    for text in ["1\n", "2\n", "3\n"] {
        assert_ne!(channel.hold(text.as_bytes().to_vec()).queued, 0);
    }
    peer.set_nonblocking(true).unwrap();
    let mut got = [0; 64];
    assert!(peer.read(&mut got).is_err(), "nothing has left");
    assert!(channel.wants_write());

    channel.sender().flush_held();
    assert_eq!(peer.read(&mut got).unwrap(), 6);
    assert_eq!(channel.queued_bytes(), 0);
    assert!(channel.wants_write(), "their sender is yet to hear of it");
    let next = channel.send(b"4\n".to_vec(), None).unwrap();
    assert_eq!(next.queued, 1, "told after them");
    assert_eq!(peer.read(&mut got[6..]).unwrap(), 2, "but sent at once");
    assert_eq!(channel.flush(), Ok(4));
    assert!(!channel.wants_write());
    assert_eq!(&got[..8], b"1\n2\n3\n4\n");
}

#[test]
fn a_large_frame_is_not_held_back() {
    let (mut channel, mut peer) = pair(Mode::Json);
    channel.hold(b"1\n".to_vec());
    let large = [vec![b'x'; SMALL], vec![b'\n']].concat();
    assert_eq!(channel.hold(large.clone()).queued, 1, "to be counted");
    let mut got = vec![0; 2 + large.len()];
    peer.set_nonblocking(true).unwrap();
    peer.read_exact(&mut got).unwrap();
    assert_eq!(got, [b"1\n".to_vec(), large].concat());
    assert_eq!(channel.flush(), Ok(2));
}

#[test]
fn what_is_held_back_leaves_when_it_is_enough_for_a_call() {
    let (mut channel, mut peer) = pair(Mode::Json);
    let line = [vec![b'x'; 999], vec![b'\n']].concat();
    for _ in 0..100 {
        assert!(channel.hold(line.clone()).queued < 70_000);
    }
    assert!(channel.queued_bytes() < 40_000);
    assert_eq!(channel.flush(), Ok(100));
    let mut got = vec![0; 100_000];
    peer.read_exact(&mut got).unwrap();
    assert_eq!(got, line.repeat(100));
}

#[test]
fn a_flood_is_read_in_turns() {
    let (mut channel, mut peer) = pair(Mode::Json);
    let writer = std::thread::spawn(move || {
        let line = [&[b'x'; 999][..], b"\n"].concat();
        for _ in 0..20_000 {
            if peer.write_all(&line).is_err() {
                return;
            }
        }
    });
    let mut frames = 0;
    loop {
        let incoming = channel.receive();
        let bytes: usize = incoming
            .batch
            .iter()
            .flat_map(|batch| batch.frames())
            .map(<[u8]>::len)
            .sum();
        assert!(bytes <= 2 * MOST_READ);
        frames += incoming.batch.map_or(0, |batch| batch.len());
        if incoming.ending.is_some() {
            break;
        }
        std::thread::yield_now();
    }
    assert_eq!(frames, 20_000);
    writer.join().unwrap();
}
