/// Regions whose changes grow to about the same extents: at the edges of a map less changes than in its middle, and what is computed
/// for a group is as much as its largest region needs.
enum RegionGroups {
  /// Classes along each axis.
  private static let classes = 3

  /// The numbers of the regions in each group; each group has some.
  /// - Parameters:
  ///   - regions: where each of them changes a late layer.
  ///   - least: how many regions a group should have.
  static func groups(_ regions: [MapRegion], least: Int) -> [[Int]] {
    guard regions.count >= classes * classes * least else { return [Array(regions.indices)] }
    let (rows, columns) = (classes(regions.map(\.rows.count)), classes(regions.map(\.columns.count)))
    let groups = Dictionary(grouping: regions.indices) { rows[$0] * classes + columns[$0] }
    return groups.keys.sorted().compactMap { groups[$0] }
  }

  private static func classes(_ extents: [Int]) -> [Int] {
    guard let low = extents.min(), let high = extents.max() else { return [] }
    return extents.map { ($0 - low) * classes / (high - low + 1) }
  }
}
