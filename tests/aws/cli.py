"""One AWS CLI for many calls: it loads the CLI's modules once and forks for each call, which then runs the CLI's own script as if it
had been started. Loading takes four fifths of a call. Standard input is a listening socket; tests/aws_cli.c is the other side.

cli.py SCRIPT
"""
import importlib
import os
import runpy
import signal
import socket
import sys
import traceback

# What the script loads only once it is asked for something. A name that this version lacks is left to the call.
MODULES = ("awscli.clidriver", "awscli.handlers", "awscli.customizations.s3.s3", "awscli.customizations.s3.subcommands", "botocore.auth", "botocore.client",
    "botocore.configprovider", "botocore.credentials", "botocore.endpoint", "botocore.handlers", "botocore.httpsession", "botocore.parsers", "botocore.signers",
    "s3transfer.manager")


def receive(connection):
    """A call: its three files, its folder, its words and its environment."""
    head, files, _, _ = socket.recv_fds(connection, 16, 3)
    while len(head) < 16:
        head += connection.recv(16 - len(head))
    words, size = int(head[:8]), int(head[8:])
    body = b""
    while len(body) < size:
        body += connection.recv(size - len(body))
    parts = [os.fsdecode(p) for p in body.split(b"\0")[:-1]]
    return files, parts[0], parts[1:1 + words], parts[1 + words:]


def run(script, words):
    """The script's status, as the interpreter makes it of what the script ends with."""
    sys.argv = [script] + words
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def answer(connection, script, loading_set):
    files, folder, words, env = receive(connection)
    for to, fd in enumerate(files):
        os.dup2(fd, to)
        os.close(fd)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(loading_set)
    os.environ.update(e.split("=", 1) for e in env)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    status = run(script, words)
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(b"%d" % (status & 255))


def main(script):
    before = dict(os.environ)
    for name in MODULES:
        try:
            importlib.import_module(name)
        except ImportError:
            pass
    # awscli says where its data is in AWS_DATA_PATH.
    loading_set = {name: value for name, value in os.environ.items() if before.get(name) != value}
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(fileno=os.dup(0))
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            try:
                answer(connection, script, loading_set)
            finally:
                os._exit(0)
        connection.close()


main(sys.argv[1])
