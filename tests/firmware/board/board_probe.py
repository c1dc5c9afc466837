"""Runs on both interpreters: the board's storage and error log in a folder of this computer."""

try:  # on MicroPython the board's folder is on the path: the package itself needs a Pico
    from error_log import FILE, KEEP_BYTES, ErrorLog
    from storage import Storage
except ImportError:
    from picototp.board.error_log import FILE, KEEP_BYTES, ErrorLog
    from picototp.board.storage import Storage

LOG_FILE, LOG_BYTES = FILE, KEEP_BYTES


def make(folder):
    Storage(folder)


def write(folder, name, data):
    file = Storage(folder).open_write(name)
    try:
        file.write(data)
    finally:
        file.close()


def read(folder, name):
    file = Storage(folder).open_read(name)
    try:
        return file.read()
    finally:
        file.close()


def exists(folder, name):
    return Storage(folder).exists(name)


def remove(folder, name):
    Storage(folder).remove(name)


def touch(folder, name):
    Storage(folder).touch(name)


def log_text(folder):
    return ErrorLog(Storage(folder)).read()


def log_error(folder, message, uptime_s, times=1):
    """Raise an error with this message and log it. Only on MicroPython."""
    log = ErrorLog(Storage(folder))
    for number in range(times):
        try:
            raise ValueError(message + str(number))
        except ValueError as error:
            log.append(error, uptime_s)
