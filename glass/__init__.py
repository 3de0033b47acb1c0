"""Touch screens: a screen as a description, the sheet it is made on, and Kivy that draws it and reports fingers."""
