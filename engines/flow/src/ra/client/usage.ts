/** What a client prints when it does not understand its command line. */

const OWN: Readonly<Record<string, string>> = {
  racluster: '[-m keys] [-M rmon|norep|ind|replace] [-f rules]',
  rasort: '[-m fields]',
  rabins: '[-m keys] -M [hard] [zero] [nomodify] time n[smhdwMy] | count n | size n [-B hold]',
  rasplit: '-M time n[smhdwMy] | count n | size n[KMG] [-w file with strftime and $field parts]',
  rastream: '-M time n[smhdwMy] | count n | size n[KMG] -w file [-B hold]',
  racount: '[-M proto|addr]',
  ranonymize: '[-f ranonymize.conf] [-K key-file] [-w file]',
  ralabel: '[-f ralabel.conf] [-w file]',
  rastrip: '[-M [+-]part ...] [-w file]',
  rahisto: '-H field classes[L][:from-to] [-M outlayer nozero]',
  ragrep: '[-civ] [-e [s:|d:]expression] [-f expressions]',
  rafilteraddr: '[-v] -f addresses',
  ragraph:
    'metric ... [object ...] [-M width] [-N objects] [-w file.svg|file.png] [-title text] [-width n] [-height n] [-zoom n]\n' +
    '       [-upper n] [-lower n] [-vertical-label text] [-watermark text] [-log] [-fill] [-stack] [-split] [-invert] [-slope-mode]\n' +
    '       [-only-graph] [-no-legend] [-x-grid none] [-y-grid none]',
  ratop: '[-m keys] [-P fields] [-M nocurses] (keys: q s r f space + - arrows page)',
};

export function usageText(name: string): string {
  const own = OWN[name] === undefined ? '' : ` ${OWN[name]}`;
  return `usage: ${name}${own} [options] [- filter-expression]
options: -A                     print totals at the end
         -b                     print the filter and stop
         -c <char>              separate columns by this character
         -e [s:|d:]<regex>      only records whose user data matches
         -E <file>              write what the filter rejects to this file
         -F <file>              read settings from this rarc file
         -H                     short numbers: 1.500K
         -L <n>                 column names every n records, 0 once, -1 never
         -m <field ...>         keys of aggregation or sorting
         -M <mode ...>          rmon poll xml json man noman TZ= printer= label= dsrs= disa
         -n                     fewer names: once for ports, twice for protocols too
         -N [io]<n|a-b|a+n>     only these records of the input or the output
         -p <digits>            digits of fractions
         -q                     print nothing
         -r <file[::from[:to]] ...>  read these files, - for standard input
         -R <folder ...>        read all files in these folders
         -s [+-][n]field[:width] ... columns
         -S <host[:port]>       read from this server
         -t <range>             only records of this time
         -T <seconds>           end after so long
         -u                     times in seconds since 1970
         -w <file> ["filter"]   write records to this file, - for standard output
         -X                     forget settings of rarc files
         -z                     states that TCP went through
         -Z <s|d|b>             TCP flags of the source, the destination, both
`;
}
