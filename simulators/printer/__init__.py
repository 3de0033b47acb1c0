"""An ESC/POS ticket printer at the other end of a wire, with paper one can look at.

    python -m simulators.printer --port 0 --control-port 0 --out DIR [--model vkp80iii] [--speed-model]
    python -m simulators.printer --pty DIR/lp0 --control-port 0 --out DIR [--baud 38400]

prints one line of JSON with its addresses. Every paper that leaves the cutter becomes DIR/paper-0001.png (…-half.png where a
fault tore it), every event a line in DIR/ledger.jsonl, stamped with the monotonic clock. Faults come through the control
port or a script (`control`).

Behaviour after the Epson ESC/POS reference and Custom's manuals: real-time commands are obeyed as they arrive, wherever
they stand, pictures included, and also while the printer is stopped or its 4 kB buffer is full; everything else waits its
turn, and nothing is taken from a full buffer. Data met by an empty roll is held and printed on the next one.
"""
