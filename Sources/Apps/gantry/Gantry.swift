import Glibc

@main struct Gantry { static func main() async {} }
