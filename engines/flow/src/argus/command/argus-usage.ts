/** What `-h` prints. */
export const ARGUS_USAGE = `undercroft flow argus, with the command line of Argus 3.0.8
usage: argus [options] [-i interface] [packet expression]
       argus [options] -r file [file ...] [packet expression]

  -A            application bytes in each record
  -b            print the compiled packet expression and end
  -B <addr>     listen for clients on these addresses (127.0.0.1; any)
  -c <dir>      refused: a changed root is set by who starts the program
  -C            all payload on control ports
  -d            run apart from the terminal
  -e <id>       source id: address, number, "four" characters, or a host
  -f            go on when a capture file ends, as it grows
  -F <file>     read argus.conf
  -g <group>    change to this group
  -i <if>       eth0, eth0/id, "a b", ind:a,b, bond:a,b/id, dup:a,b/id, all
  -J            inter-packet times
  -m            MAC addresses
  -M <secs>     management records this often (60)
  -N <n|n-m>    only the first n packets, or those from n to m
  -O            accepted: filters are always made small
  -p            not promiscuous
  -P <port>     serve clients on this TCP port (off; 561 is usual)
  -r <file>     read capture files; - is standard input
  -R            response times
  -s <bytes>    keep so much of each packet
  -S <secs>     report flows this often (5)
  -T <scale>    replay a file in time: 1 as it was, 2 twice as fast
  -u <user>     change to this user
  -U <bytes>    user data of each side in each record
  -w <to>       append records to a file, - or argus-udp://host[:port]; a filter may follow
  -X            forget the configuration read so far
  -Z            packet sizes
`;
