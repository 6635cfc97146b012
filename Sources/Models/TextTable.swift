import Foundation

/// As in 1,235,496.
package func grouped(_ number: Int) -> String {
  var (digits, groups) = (Substring(String(number)), [Substring]())
  while digits.count > 3 {
    groups.insert(digits.suffix(3), at: 0)
    digits = digits.dropLast(3)
  }
  return ([digits] + groups).joined(separator: ",")
}

/// Three significant digits with k, M, G or T, as in 349 M.
package func short(_ number: Int) -> String {
  let units = ["", " k", " M", " G", " T"]
  var (value, unit) = (Double(number), 0)
  while value >= 999.5 && unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
  let digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return String(format: "%.\(digits)f", value) + units[unit]
}

/// A long name without its middle.
package func shortened(_ name: String, to limit: Int = 36) -> String {
  guard name.count > limit else { return name }
  return name.prefix(limit / 3) + "…" + name.suffix(limit - limit / 3 - 1)
}

/// Names come from files: what would move the cursor or break a line is shown as a question mark.
package func printable(_ line: String) -> String {
  guard line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return line }
  let scalars = line.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
  return String(String.UnicodeScalarView(scalars))
}

/// A column of a table that is printed as text.
package struct Column: Sendable {
  let title: String
  let alignsRight: Bool

  package init(_ title: String, alignsRight: Bool = false) { (self.title, self.alignsRight) = (title, alignsRight) }
}

/// The heading and the rows, each column as wide as its widest cell, two spaces between columns.
package func align(_ columns: [Column], _ rows: [[String]]) -> [String] {
  let all = [columns.map(\.title)] + rows
  let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
  return all.map { row in
    let cells = row.enumerated().map { index, cell in
      let space = String(repeating: " ", count: widths[index] - cell.count)
      return columns[index].alignsRight ? space + cell : cell + space
    }
    let line = cells.joined(separator: "  ")
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}
